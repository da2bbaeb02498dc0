"""A go.mod is merged by meaning: upstream's file, with downstream's changes applied to it."""

import time
from textwrap import dedent

import pytest

from resync_argo.gomod.merge import merge
from resync_argo.gomod.syntax import Unclear

BASE = dedent("""\
    module example.com/m

    go 1.21

    require (
    \ta.com/a v1.0.0
    \tb.com/b v1.2.0 // indirect
    )

    // It is broken upstream.
    replace x.com/x => y.com/y v1.0.0

    exclude q.com/q v1.0.0
    """)


def merged(downstream: str, upstream: str, base: str = BASE) -> str:
    """Return the merged text; fail if there is a question."""
    found = merge(base.encode(), downstream.encode(), upstream.encode())
    assert found.content is not None, [str(it) for it in found.questions]
    return found.content.decode()


def questions(downstream: str, upstream: str, base: str = BASE) -> list[str]:
    """Return the questions to a person."""
    found = merge(base.encode(), downstream.encode(), upstream.encode())
    assert found.content is None
    return [str(it) for it in found.questions]


def test_statements_that_downstream_did_not_change_are_upstreams() -> None:
    upstream = BASE.replace("a v1.0.0", "a v1.1.0").replace(
        "exclude q.com/q v1.0.0\n", "// Gone.\n"
    )

    assert merged(BASE, upstream) == upstream


def test_downstreams_own_changes_are_applied_to_upstreams_file() -> None:
    downstream = (
        BASE.replace("y.com/y v1.0.0", "ours.com/y v1.5.0 // ours")
        .replace("exclude q.com/q v1.0.0\n", "")
        .replace("\ta.com/a v1.0.0", "\ta.com/a v1.0.0\n\t// We need it.\n\tc.com/c v0.1.0")
        + "tool a.com/a/cmd\n"
    )
    upstream = BASE.replace("go 1.21", "go 1.22").replace("a v1.0.0", "a v1.3.0")

    assert merged(downstream, upstream) == dedent("""\
        module example.com/m

        go 1.22

        require (
        \ta.com/a v1.3.0
        \tb.com/b v1.2.0 // indirect
        \t// We need it.
        \tc.com/c v0.1.0
        )

        // It is broken upstream.
        replace x.com/x => ours.com/y v1.5.0 // ours


        tool a.com/a/cmd
        """)


@pytest.mark.parametrize(
    ("downstream", "upstream", "expected"),
    [("1.5.0", "1.3.0", "1.5.0"), ("1.2.0", "1.3.0", "1.3.0")],
)
def test_of_two_raised_versions_the_higher_wins(
    downstream: str, upstream: str, expected: str
) -> None:
    one, other = (BASE.replace("a v1.0.0", f"a v{it}") for it in (downstream, upstream))

    assert f"a.com/a v{expected}\n" in merged(one, other)


def test_a_requirement_that_downstream_removed_is_left_to_tidying() -> None:
    downstream = BASE.replace("\ta.com/a v1.0.0\n", "")
    upstream = BASE.replace("b v1.2.0", "b v1.3.0")

    assert merged(downstream, upstream) == upstream


def test_a_requirement_that_upstream_removed_stays_if_downstream_raised_it() -> None:
    upstream = BASE.replace("\ta.com/a v1.0.0\n", "").replace("go 1.21", "go 1.22")

    assert "a.com/a" not in merged(BASE.replace("b v1.2.0", "b v1.4.0"), upstream)
    assert "\ta.com/a v1.1.0\n" in merged(BASE.replace("a v1.0.0", "a v1.1.0"), upstream)


def test_direct_and_indirect_requirements_go_into_their_own_blocks() -> None:
    blocks = "require (\n\ta.com/a v1.0.0\n)\n\nrequire (\n\tb.com/b v1.0.0 // indirect\n)\n"
    base = f"module example.com/m\n\ngo 1.21\n\n{blocks}"
    added = base.replace("\tb.com", "\ta.com/z v1.0.0 // indirect\n\tb.com")
    downstream = added.replace("a v1.0.0\n", "a v1.0.0\n\ta.com/b v1.0.0\n")

    assert merged(downstream, base.replace("go 1.21", "go 1.22"), base) == downstream.replace(
        "go 1.21", "go 1.22"
    )


def test_downstreams_own_comments_are_kept() -> None:
    downstream = BASE.replace("replace x", "// See #12.\nreplace x") + "// replace z => w\n"
    upstream = BASE.replace("go 1.21", "go 1.22")

    result = merged(downstream, upstream)

    assert "// It is broken upstream.\n// See #12.\nreplace x.com/x" in result
    assert result.endswith("\n// replace z => w\n")


def test_of_two_replacements_with_one_target_the_higher_version_wins() -> None:
    one, other = (BASE.replace("y.com/y v1.0.0", f"y.com/y v1.{it}.0") for it in (4, 3))

    assert "=> y.com/y v1.4.0\n" in merged(one, other)
    assert "=> y.com/y v1.4.0\n" in merged(other, one)


@pytest.mark.parametrize(
    ("downstream", "upstream", "question"),
    [
        (
            ("y.com/y v1.0.0", "z.com/z v1.0.0"),
            ("y.com/y v1.0.0", "./y"),
            "replace x.com/x: it was y.com/y v1.0.0, downstream has z.com/z v1.0.0, upstream has ./y",
        ),
        (
            ("replace x.com/x => y.com/y v1.0.0\n", ""),
            ("y.com/y v1.0.0", "y.com/y v1.1.0"),
            "replace x.com/x: it was y.com/y v1.0.0, downstream has nothing, upstream has y.com/y v1.1.0",
        ),
        (
            ("a v1.0.0", "a v0.9.0"),
            ("a v1.0.0", "a v1.1.0"),
            "require a.com/a: it was v1.0.0, downstream has v0.9.0, upstream has v1.1.0",
        ),
        (
            ("go 1.21", "go 1.20"),
            ("a v1.0.0", "a v1.1.0"),
            "go: it was 1.21, downstream has 1.20, upstream has 1.21",
        ),
        (
            ("example.com/m", "example.com/ours"),
            ("example.com/m", "example.com/m/v2"),
            "module: it was example.com/m, downstream has example.com/ours, upstream has example.com/m/v2",
        ),
    ],
)
def test_uncertain_merges_are_asked_about(
    downstream: tuple[str, str], upstream: tuple[str, str], question: str
) -> None:
    assert questions(BASE.replace(*downstream), BASE.replace(*upstream)) == [question]


def test_a_toolchain_line_that_downstream_removed_stays_out_until_upstream_changes_it() -> None:
    base = BASE.replace("go 1.21\n", "go 1.21\n\ntoolchain go1.21.4\n")
    upstream = base.replace("a v1.0.0", "a v1.1.0")

    assert "toolchain" not in merged(BASE, upstream, base)
    assert questions(BASE, upstream.replace("go1.21.4", "go1.22.1"), base) == [
        "toolchain: it was go1.21.4, downstream has nothing, upstream has go1.22.1"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("frobnicate a.com/a\n", "line 14, a `frobnicate`"),
        ("require a.com/a v1.0.0\n", "says again what `require a.com/a` is"),
        ("require (\n", "the block of line 14 has no end"),
        ("require a.com/z\n", "line 14, a `require`"),
        ("/* no */\n", "line 14 cannot be read"),
        ("replace a => b => c\n", "line 14, a `replace`"),
        ("require a.com/z master\n", "`master` is not a version of a module"),
    ],
)
def test_ambiguous_files_are_asked_about(text: str, why: str) -> None:
    upstream = BASE.replace("a v1.0.0", "a v1.1.0") + text.replace("master", "v1.0.0")

    with pytest.raises(Unclear, match=why):
        merge(BASE.encode(), (BASE + text).encode(), upstream.encode())


def test_only_text_is_read() -> None:
    with pytest.raises(Unclear, match="not UTF-8"):
        merge(BASE.encode(), b"\xff", BASE.encode())
    with pytest.raises(Unclear, match="larger than 1 MiB"):
        merge(BASE.encode(), b"\n" * (1 << 20) + b"\n", BASE.encode())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x " * 500_000, "line 1, a `x`"),
        ('"' * 1_000_000, "line 1"),
        ("a b\n" * 6_000, "more than 5,000 statements"),
        ("require (\n)\n" * 70_000, "more than 1,000 blocks"),
    ],
    ids=["words", "quotes", "statements", "blocks"],
)
def test_a_hostile_file_takes_only_a_moment(text: str, why: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unclear, match=why):
        merge(BASE.encode(), text.encode(), BASE.encode())

    assert time.monotonic() - began < 10
