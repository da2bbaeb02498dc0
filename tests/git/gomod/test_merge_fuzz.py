"""A merge of any three go.mod files lowers nothing, keeps downstream's additions, and reads the same in Go."""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from resync_argo.gomod.merge import merge
from resync_argo.gomod.module_file import ModuleFile, read_module_file
from resync_argo.gomod.versions import go_order, module_order
from tests.fuzzing.examples import examples

VERSIONS = [
    "v0.9.0",
    "v1.0.0-rc.1",
    "v1.0.0",
    "v1.1.0",
    "v1.2.0-0.20240101000000-abcdefabcdef",
    "v1.10.0",
]
MODULES = [f"example.com/{name}" for name in "abcdef"]
TARGETS = [
    "example.com/fork v1.0.0",
    "example.com/fork v1.1.0",
    "example.org/other v1.0.0",
    "./local",
]


@st.composite
def module_files(draw: st.DrawFn) -> str:
    """Return a go.mod that Go accepts: single statements and blocks, with comments."""
    lines = [
        "module example.com/main",
        f"go {draw(st.sampled_from(['1.21', '1.21.3', '1.22.0', '1.23']))}",
    ]
    required = draw(st.lists(st.sampled_from(MODULES), unique=True))
    entries = [
        f"{name} {draw(st.sampled_from(VERSIONS))}{draw(st.sampled_from(['', ' // indirect', ' // why']))}"
        for name in required
    ]
    single = draw(st.integers(0, len(entries)))
    lines += [f"require {it}" for it in entries[:single]]
    lines += ["", "require (", "\t// Some need them.", *(f"\t{it}" for it in entries[single:]), ")"]
    for name in draw(st.lists(st.sampled_from(MODULES), unique=True, max_size=3)):
        lines.append(f"replace {name} => {draw(st.sampled_from(TARGETS))}")
    for name in draw(st.lists(st.sampled_from(MODULES), unique=True, max_size=2)):
        lines += [f"exclude {name} v1.1.0", f"tool {name}/cmd", f"ignore ./{name[-1]}"]
    if draw(st.booleans()):
        lines += ["// Bad.", "retract [v1.0.0, v1.1.0]", "godebug default=go1.21"]
    return "\n".join([*lines, ""])


def as_go_reads(content: bytes) -> dict[str, Any]:
    """Return the output of `go mod edit -json` for a go.mod."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "go.mod"
        file.write_bytes(content)
        argv = ["go", "mod", "edit", "-json", str(file)]
        return dict(json.loads(subprocess.run(argv, capture_output=True, check=True).stdout))


def _pairs(found: dict[str, Any], verb: str) -> set[tuple[str, ...]]:
    return {tuple(it.values()) for it in found.get(verb) or []}


def assert_read_as_go_does(content: bytes) -> None:
    """Compare our parser with Go's."""
    own, go = read_module_file(content), as_go_reads(content)
    assert own.values("module") == {"": go["Module"]["Path"]}
    assert own.values("go") == {"": go["Go"]}
    assert own.values("require") == {it["Path"]: it["Version"] for it in go.get("Require") or []}
    indirect = {it["Path"] for it in go.get("Require") or [] if it.get("Indirect")}
    assert {
        name for (verb, name), it in own.facts.items() if verb == "require" and it.is_indirect
    } == indirect
    replaced = {
        " ".join(it["Old"].values()): " ".join(it["New"].values()) for it in go.get("Replace") or []
    }
    assert own.values("replace") == replaced
    for verb in ("tool", "ignore"):
        assert {(name,) for name in own.values(verb)} == _pairs(go, verb.title())
    assert {tuple(name.split(" ")) for name in own.values("exclude")} == _pairs(go, "Exclude")
    assert own.values("godebug") == {it["Key"]: it["Value"] for it in go.get("GoDebug") or []}
    retracted = {f"[{it['Low']}, {it['High']}]" for it in go.get("Retract") or []}
    assert own.values("retract").keys() == retracted


def _highest(verb: str, name: str, files: list[ModuleFile]) -> object:
    order = go_order if verb == "go" else module_order
    return max(order(it.facts[verb, name].value) for it in files)


@examples(0.5)
@given(base=module_files(), downstream=module_files(), upstream=module_files())
def test_a_merge_lowers_nothing_and_loses_nothing(
    base: str, downstream: str, upstream: str
) -> None:
    texts = [it.encode() for it in (base, downstream, upstream)]
    before, own, theirs = (read_module_file(it) for it in texts)

    found = merge(*texts)

    if found.content is None:
        assert found.questions
        return
    assert_read_as_go_does(found.content)
    result = read_module_file(found.content)
    for key, fact in own.facts.items():
        if key not in before.facts:
            assert key in result.facts, key
        if key[0] not in ("require", "go") or key not in theirs.facts:
            continue
        is_changed = key not in before.facts or before.facts[key].value != fact.value
        sides = [theirs, own] if is_changed else [theirs]
        assert _highest(*key, [result]) >= _highest(*key, sides), key  # type: ignore[operator]  # orders of one kind
    assert theirs.facts.keys() - before.facts.keys() <= result.facts.keys()


@examples(0.5)
@given(content=module_files())
def test_an_unchanged_file_stays_byte_for_byte(content: str) -> None:
    assert merge(content.encode(), content.encode(), content.encode()).content == content.encode()
    assert_read_as_go_does(content.encode())
