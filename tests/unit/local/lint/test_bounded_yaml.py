"""Bounds on aliases, depth, values and bytes limit the cost of an untrusted file."""

from pathlib import Path

import pytest

from resync_argo.local.lint.bounded_yaml import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from resync_argo.local.lint.program import lint
from tests.unit.local.lint.test_program import SOUND

LEVELS = range(1, 20)


def findings(folder: Path, text: str) -> list[str]:
    file = folder / "plan.yaml"
    file.write_text(text)
    return [f"{it.line}:{it.column} {it.message}" for it in lint([file])]


def bomb(grown: str) -> str:
    """Return twenty levels, each ten times as large as the one before."""
    lines = [f"a{n}: &a{n} {grown.format(', '.join([f'*a{n - 1}'] * 10))}" for n in LEVELS]
    return "\n".join(["a0: &a0 {x: 1}", *lines]) + "\n"


TOO_MANY = f"this file has more than {MAX_VALUES} values, with what aliases stand for"


@pytest.mark.parametrize("grown", ["[{}]", "{{<<: [{}]}}", "{{a: [{}]}}"])
def test_a_bomb_of_aliases_is_refused_at_its_place(tmp_path: Path, grown: str) -> None:
    """Expanded, it has 10**19 values."""
    found = findings(tmp_path, bomb(grown))

    assert len(found) == 1
    assert found[0].endswith(TOO_MANY)
    assert found[0].split(":")[0] in ("4", "5")


def test_a_value_that_contains_itself_is_refused(tmp_path: Path) -> None:
    found = findings(tmp_path, "spec:\n  steps: &steps [*steps]\n")

    assert found == ["2:18 `*steps` stands within `&steps`, so it never ends"]


@pytest.mark.parametrize("opened", ["[", "{a: ", "- "])
def test_a_file_that_is_nested_deeply_is_refused(tmp_path: Path, opened: str) -> None:
    found = findings(tmp_path, opened * 100_000)

    assert len(found) == 1
    assert found[0].startswith("1:")
    assert found[0].endswith(f"this is nested more than {MAX_DEPTH} levels deep")


def test_a_file_of_too_many_values_is_refused(tmp_path: Path) -> None:
    found = findings(tmp_path, "- a\n" * 2 * MAX_VALUES)

    assert found == [f"{MAX_VALUES + 1}:3 {TOO_MANY}"]


def test_aliases_may_make_a_value_deeper_than_its_text_may_be(tmp_path: Path) -> None:
    """The value has 190 levels, and its text only a few: each is an alias in the next."""
    links = ", ".join(["&a0 [x]", *(f"&a{n} [*a{n - 1}]" for n in range(1, 190))])

    found = findings(tmp_path, SOUND.replace("[1.21.x]", f"[[{links}]]"))

    assert found == ["9:25 this must be text, and not a list"]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    found = findings(tmp_path, "#" * (MAX_BYTES + 1))

    assert found == [
        f"1:1 this file has more than {MAX_BYTES} bytes, more than any cluster accepts"
    ]


def test_aliases_and_merged_keys_work_as_in_kubectl(tmp_path: Path) -> None:
    text = SOUND.replace("config:", "config: &config").replace(
        "  - name: Git merge\n",
        "  - &step {name: Look, run: git log}\n  - <<: *step\n    name: Look again\n  - name: Merge\n",
    )

    assert findings(tmp_path, text) == []
