"""Objects of our kinds, made from the CRDs' own schemas: most fields as the CRD wants them, some not at all.

A text is made from the regular expression that a rule of its field wants. Rules about several fields are not
looked at, so that some objects break them.
"""

import re
from typing import Any

from hypothesis import strategies as st

from resync_argo.local.lint.crd.schemas import Json, load_schema
from tests.fuzzing.texts import mutations, texts

API_VERSION = "resync.openshift.io/v1alpha1"
_WANTED = re.compile(r'(?<![!\w])self\.matches\(r"(?P<pattern>[^"]*)"\)')
_UNLUCKY = 13
_LONGEST = 40
"""Characters and entries beyond this are left to tests of the bounds."""

_USUAL: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["github.com/a/b", "github.com/org/.github"]),
    "fork": st.sampled_from(["github.com/bot/b", "github.com/bot/c"]),
    "branch": st.sampled_from(["main", "release-4.8", "a#1+b@c_d"]),
    "image": st.sampled_from(["example.com/image:1"]),
    "matchedVersions": st.sampled_from(["1.x", "*", ">=1.2.3 <2.0.0", "~1.2"]),
    "from": st.sampled_from([".config.image", ".tag.version", ".config.slack.channel"]),
    "version": st.sampled_from(["1.2.3", "1.2.3-rc.1", "1.2.3+b01"]),
    "repository": st.sampled_from(["github.com/a/b", "git.example.org/group/sub/b"]),
    "channel": st.sampled_from(["team", "C0123", "#a|b"]),
    "secretSelector": st.sampled_from(["github-secret"]),
    "every": st.sampled_from(["1d", "0 12 * * Mon"]),
    "versionPattern": st.sampled_from(["(?P<version>.+)", r"r(?P<major>\d+)"]),
    "tagPrefix": st.sampled_from(["", "v", "kustomize/v"]),
    "minimumAge": st.sampled_from(["3d", "72h", "1d12h"]),
    "plan": st.sampled_from(["z", "z-1"]),
    "tag": st.sampled_from(["kubernetes-1.2.3", "1.2.3"]),
}
"""Values of fields by name: what people write, so that not every object is refused for some field."""
_VARIABLES = st.from_regex(re.compile("[A-Z][A-Z0-9_]{0,8}", re.ASCII), fullmatch=True)
_QUANTITIES = st.sampled_from(["500m", "1", 2, "1Gi", "1e3", "64Mi", "1.5"])
_ODD_QUANTITIES = st.sampled_from(["-1", "0", "much", -3, "1K", "1n", 2**63])
_RESOURCES = st.sampled_from(["cpu", "memory", "ephemeral-storage"])
_ODD_RESOURCES = st.sampled_from(["nvidia.com/gpu", "{{x}}", "a b", "", "-"])


def rarely(odd: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return one in twenty from the first."""
    # Not the first or the last one: those are tried far more often.
    return st.sampled_from(range(20)).flatmap(lambda dice: odd if dice == _UNLUCKY else usual)


def from_schema(schema: Json, name: str = "") -> st.SearchStrategy[Any]:
    """Return values for a field, nearly all of them as its schema wants them."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("x-kubernetes-int-or-string"):
        return rarely(_ODD_QUANTITIES, _QUANTITIES)
    makers = {"object": _object, "array": _array, "string": _string, "integer": _integer}
    kind = schema.get("type")
    return makers[kind](schema, name) if kind in makers else st.booleans()


def _object(schema: Json, _: str) -> st.SearchStrategy[Json]:
    if "additionalProperties" in schema:
        values = from_schema(schema["additionalProperties"])
        return st.dictionaries(rarely(_ODD_RESOURCES, _RESOURCES), values, max_size=3)
    known = {key: from_schema(it, key) for key, it in schema["properties"].items()}
    needed = {key: known.pop(key) for key in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional=known)


def _array(schema: Json, name: str) -> st.SearchStrategy[list[Any]]:
    if name == "env":
        return st.lists(_variable(schema["items"]), max_size=3)
    least = schema.get("minItems", 0)
    items = from_schema(schema["items"], name)
    unique = repr if schema.get("x-kubernetes-list-type") == "set" else None
    return st.lists(items, min_size=least, max_size=least + 1, unique_by=unique)


def _integer(schema: Json, _: str) -> st.SearchStrategy[Any]:
    least = schema.get("minimum", 0)
    odd = st.sampled_from([least - 1, 2**63 - 1, 2**63, 10**30, 1.0])
    return rarely(odd, st.integers(least, 2**31))


def _variable(schema: Json) -> st.SearchStrategy[Json]:
    fields = schema["properties"]
    ways = ({key: from_schema(fields[key], key)} for key in ("value", "from"))
    usual = st.one_of(*(st.fixed_dictionaries({"name": _VARIABLES} | way) for way in ways))
    return rarely(st.fixed_dictionaries({"name": _string(fields["name"], "")}), usual)


def _string(schema: Json, name: str) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), min(schema.get("maxLength", _LONGEST), _LONGEST)
    rules = " ".join(it["rule"] for it in schema.get("x-kubernetes-validations", ()))
    found = _WANTED.search(rules)
    any_text = texts(min_size=least).map(lambda it: it[:most])
    written = (
        st.from_regex(re.compile(found["pattern"], re.ASCII)).map(lambda it: it[:most])
        if found
        else any_text
    )
    usual = _USUAL.get(name)
    return written if usual is None else rarely(rarely(any_text, written), usual)


def manifests(kind: str) -> st.SearchStrategy[Json]:
    """Return objects of a kind as people may write them; a Plan's actions are most often whole."""
    spec = from_schema(load_schema(kind)["properties"]["spec"])
    if kind == "Plan":
        spec = st.builds(lambda made, steps: made | {"steps": steps}, spec, _steps())
    names = rarely(
        st.sampled_from(["", "a..b", "A", "a.-b", "a" * 64, "a" * 254, "{{x}}"]),
        st.sampled_from(["1.2.3", "1.2.3"] if kind == "Tag" else ["a", "a-b.c", "1.2.3"]),
    )
    good = st.builds(
        lambda name, spec: {
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": {"name": _name(kind, name, spec)},
            "spec": spec,
        },
        names,
        spec,
    )
    odd = good.flatmap(lambda made: mutations(made["spec"]).map(lambda spec: made | {"spec": spec}))
    return st.one_of(good, good, odd)


def _name(kind: str, name: str, spec: Json) -> str:
    return f"{spec['plan']}.{spec['tag']}" if kind == "Sync" and name != "A" else name


def _steps() -> st.SearchStrategy[list[Json]]:
    text = texts(min_size=1)
    run = st.fixed_dictionaries(
        {"run": rarely(text, texts(min_size=1, without="\0"))},
        optional={"name": st.none() | texts()},
    )
    pull = st.builds(
        lambda title, body: {"action": {"type": "pull-request", "title": title, "body": body}},
        text,
        texts(),
    )
    chat = st.builds(
        lambda words: {"action": {"type": "slack-notification", "channel": "c", "message": words}},
        text,
    )
    usual = st.tuples(st.lists(run, min_size=1, max_size=2), st.lists(pull, max_size=1))
    return rarely(
        st.lists(run | pull | chat, min_size=1, max_size=4), usual.map(lambda it: it[0] + it[1])
    )
