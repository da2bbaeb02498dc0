"""The CRD's CEL rules, said once more in Python: by their message, as predicates of the value.

`crds/plan.yaml` is what holds; tests make sure that every rule of it is here, and that both say the
same about every example. A value that has another shape than the schema wants never comes here.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_PART = r"(/[~.]?[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_-])?)"
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(\d+\.?\d*|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?"
)
_SUFFIXES = {
    **{name: Decimal(1000) ** power for power, name in enumerate("kMGTPE", start=1)},
    **{f"{name}i": Decimal(1024) ** power for power, name in enumerate("KMGTPE", start=1)},
    **{name: Decimal(1000) ** -power for power, name in enumerate("mun", start=1)},
}
_RESERVED = re.compile(
    r"RESYNC_.*|LD_.*|PATH|HOME|TMPDIR|XDG_CACHE_HOME|UPSTREAM_TAG|UPSTREAM_VERSION|UPSTREAM_COMMIT"
    r"|PREVIOUS_VERSION|DOWNSTREAM_BRANCH|PLAN_NAME"
)
_GIT_MOVED = re.compile(
    r"GIT_(DIR|COMMON_DIR|WORK_TREE|INDEX_FILE|NAMESPACE|EXEC_PATH|OBJECT_DIRECTORY"
    r"|ALTERNATE_OBJECT_DIRECTORIES|CONFIG.*|.*_DATE)"
)
_FROM = re.compile(r"\.config(\.[A-Za-z][A-Za-z0-9-]*)+|\.tag\.(version|ref|commit|previous)")

Rule = Callable[[Any], bool]


def _is(pattern: str) -> Rule:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _is_repository(parts: str) -> Rule:
    pattern = re.compile(_HOST + _PART + parts)

    def rule(name: str) -> bool:
        suffixed = re.search(r"\.(git|lock)(/|\Z)", name)
        return bool(pattern.fullmatch(name)) and ".." not in name and not suffixed

    return rule


def _is_branch(name: str) -> bool:
    if not re.fullmatch(r"[!-~]+", name) or re.search(r"[~^:?*\[\\{}]", name):
        return False
    if re.search(r"\A[-./]|[./]\Z|\.\.|//|/\.|\.lock(/|\Z)", name):
        return False
    return name not in ("@", "HEAD") and not name.startswith("refs/")


def _is_tag_prefix(text: str) -> bool:
    refused = ("..", "//", "/.", ".lock/")
    plain = re.fullmatch(r"([A-Za-z0-9_][A-Za-z0-9_.+=@/-]*)?", text)
    return bool(plain) and not any(word in text for word in refused)


def _actions(spec: dict[str, Any], kind: str) -> list[int]:
    steps = enumerate(spec["steps"])
    return [n for n, step in steps if (step.get("action") or {}).get("type") == kind]


def _nothing_runs_after_pull_request(spec: dict[str, Any]) -> bool:
    actions = _actions(spec, "pull-request")
    runs = [n for n, step in enumerate(spec["steps"]) if "run" in step]
    return not actions or not runs or runs[-1] < actions[0]


def _has(*, needed: tuple[str, ...], refused: tuple[str, ...], kind: str) -> Rule:
    def rule(action: dict[str, Any]) -> bool:
        if action["type"] != kind:
            return True
        return all(name in action for name in needed) and not any(
            name in action for name in refused
        )

    return rule


def _quantity(value: object) -> Decimal | None:
    found = _QUANTITY.fullmatch(str(value))
    if found is None:
        return None
    suffix = found["suffix"] or ""
    if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix != "Ei":
        return Decimal(found["number"] + suffix)
    return Decimal(found["number"]) * _SUFFIXES.get(suffix, Decimal(1))


def _within_limits(resources: dict[str, Any]) -> bool:
    limits = resources.get("limits", {})
    for name, amount in resources.get("requests", {}).items():
        asked, most = _quantity(amount), _quantity(limits.get(name))
        if asked is not None and most is not None and asked > most:
            return False
    return True


def _at_least(name: str, least: str) -> Rule:
    def rule(resources: dict[str, Any]) -> bool:
        given, bound = _quantity(resources.get("limits", {}).get(name)), _quantity(least)
        return given is None or bound is None or given >= bound

    return rule


def _exactly_one(*names: str) -> Rule:
    return lambda value: sum(name in value for name in names) == 1


def _same_host(downstream: dict[str, Any]) -> bool:
    fork = downstream.get("fork")
    return fork is None or fork.split("/")[0] == downstream["name"].split("/")[0]


def _is_relative(path: str) -> bool:
    return not path.startswith((":", "/", "!"))


RULES: dict[str, Rule] = {
    "`metadata.name` must have at most 63 characters, since labels and branches carry it": (
        lambda plan: len(plan["metadata"]["name"]) <= 63  # noqa: PLR2004 - as the message says
    ),
    "`steps` may hold at most one `pull-request` action": (
        lambda spec: len(_actions(spec, "pull-request")) <= 1
    ),
    "`steps` may not hold a `run` after the `pull-request` action, since nobody would see its work": (
        _nothing_runs_after_pull_request
    ),
    "`config.github` must name the credentials that the `pull-request` action needs": (
        lambda spec: "github" in spec["config"] or not _actions(spec, "pull-request")
    ),
    "`github.forkCredentials` are for `downstream.fork`, which is not given": (
        lambda spec: (
            "forkCredentials" not in spec["config"].get("github", {})
            or "fork" in spec["config"]["downstream"]
        )
    ),
    "`config.slack` must name the credentials that the `slack-notification` action needs": (
        lambda spec: "slack" in spec["config"] or not _actions(spec, "slack-notification")
    ),
    "`name` must be a repository such as `host/owner/name`, without scheme, port and `.git`": (
        _is_repository("{1,8}")
    ),
    "`name` and `fork` must be repositories such as `host/owner/name`, without scheme, port and `.git`": (
        _is_repository("{2}")
    ),
    "`matchedVersions` must hold ranges such as `1.21.x`, `1.x`, `*`, `1.21.2`, `>=1.21.2 <1.22.0`, `~1.21` or `^1.2`": (
        _is(r" *[0-9*<>=~^][0-9A-Za-z.*<>=~^ -]*")
    ),
    "`tagPrefix` must be what names of git tags begin with, such as `v` or `kustomize/v`": (
        _is_tag_prefix
    ),
    "`fork` must be on the same host as `name`": _same_host,
    "`fork` must be another repository than `name`; leave it out to push branches there": (
        lambda downstream: downstream.get("fork") != downstream["name"]
    ),
    "`branch` must be the name of a branch as git allows it, without `refs/heads/`, braces and a leading `-`": (
        _is_branch
    ),
    "`image` must be the name of a container image": _is(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"),
    "exactly one of `value` and `from` must be given": _exactly_one("value", "from"),
    "`name` must be the name of a variable: letters, digits and `_`, not beginning with a digit": (
        _is(r"[A-Za-z_][A-Za-z0-9_]*")
    ),
    "`name` may not be a variable that every step has already, nor begin with `RESYNC_` or `LD_`": (
        lambda name: not _RESERVED.fullmatch(name)
    ),
    "`name` may not be a variable that moves git away from the clone or changes the dates of commits": (
        lambda name: not _GIT_MOVED.fullmatch(name)
    ),
    "`value` may not hold `{{`, since Argo would replace it": lambda value: "{{" not in value,
    "`from` must be a path such as `.config.upstream.name`, or one of `.tag.version`, `.tag.ref`, `.tag.commit` and `.tag.previous`": (
        lambda path: bool(_FROM.fullmatch(path))
    ),
    "`requests` may not be greater than `limits`": _within_limits,
    "`limits.memory` must be at least 32Mi": _at_least("memory", "32Mi"),
    "`limits.cpu` must be at least 10m": _at_least("cpu", "10m"),
    "every value must be a quantity such as `500m` or `2Gi`": (
        lambda amounts: all(_quantity(it) is not None for it in amounts.values())
    ),
    "`secretSelector` must be the name of a Secret": _is(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"),
    "reviewers must be named without `@` and organisation": _is(r"[A-Za-z0-9][A-Za-z0-9_.-]*"),
    "`channel` must be the name or id of one channel, such as `team-updates` or `C0123456789`": (
        lambda channel: not re.search(r"[\s,]", channel)
    ),
    "`paths` must be relative paths or globs such as `vendor/**`, without a leading `:`, `!` or `/`": (
        _is_relative
    ),
    "`paths` may not hold `../` or a line end": (
        lambda path: not any(word in path for word in ("\n", "\0", "../"))
    ),
    "exactly one of `run` and `action` must be given": _exactly_one("run", "action"),
    "`run` may not hold a NUL character": lambda script: "\0" not in script,
    "a `pull-request` action must have a `title`, may have a `body`, and may not have `channel` or `message`": (
        _has(needed=("title",), refused=("channel", "message"), kind="pull-request")
    ),
    "a `slack-notification` action must have `channel` and `message`, and may not have `title` or `body`": (
        _has(needed=("channel", "message"), refused=("title", "body"), kind="slack-notification")
    ),
}
"""Each rule of the CRD's schema of a Plan by its message."""
