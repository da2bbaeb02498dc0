"""Merge options are read from a command's arguments and harmless settings."""

import pytest

from resync_argo.attempt.merge.options import merge_options, parse_call


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        (["merge", "-Xours", "v1"], ("ours",)),
        (["merge", "-X", "theirs", "v1"], ("theirs",)),
        (["pull", "--strategy-option=ignore-space-change"], ("ignore-space-change",)),
        (["rebase", "--strategy-option", "patience", "v1"], ("patience",)),
        (["-c", "a.b=c", "-C", "/x", "merge", "-Xsubtree=lib", "v1"], ("subtree=lib",)),
        (["subtree", "pull", "-P", "lib/x", "up", "v1"], ("subtree=lib/x",)),
        (["merge", "-Xdiff-algorithm=minimal", "-Xfind-renames=40%"], ("diff-algorithm=minimal", "find-renames=40%")),
        (["merge", "v1", "--", "-Xours"], ()),
        (["merge", "-Xupload-pack=id", "-Xours --exec=id", "v1"], ()),
    ],
)  # fmt: skip
def test_strategy_options_are_kept_and_others_are_not(
    argv: list[str], options: tuple[str, ...]
) -> None:
    assert merge_options(parse_call(argv), settings={}).options == options


def test_settings_that_change_a_merge_are_kept_wherever_they_come_from() -> None:
    call = parse_call(["-c", "MERGE.Renormalize=true", "-c", "core.pager=id", "merge", "v1"])

    found = merge_options(call, settings={"diff.renames": "false", "diff.external": "id"})

    assert found.settings == {"merge.renormalize": "true", "diff.renames": "false"}


@pytest.mark.parametrize(
    ("argv", "needed"),
    [
        (["merge", "v1"], False),
        (["merge", "-s", "ort", "-Xrenormalize", "-Xno-renames", "v1"], False),
        (["merge", "-Xours", "v1"], True),
        (["merge", "-s", "resolve", "v1"], True),
        (["merge", "-s", "made-up", "v1"], False),
    ],
)
def test_only_options_that_merge_tree_lacks_are_repeated(argv: list[str], *, needed: bool) -> None:
    assert merge_options(parse_call(argv), settings={}).needs_repeat is needed


def test_an_option_with_an_equivalent_setting_becomes_that_setting() -> None:
    found = merge_options(parse_call(["merge", "-Xrenormalize", "v1"]), settings={})

    assert found.effective == {"merge.renormalize": "true"}
