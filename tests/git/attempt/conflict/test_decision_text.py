"""Pull requests list files that downstream never changed, and hunks that were taken from upstream."""

from pathlib import Path

import pytest

from tests.git.conflict_story import Files, Story
from tests.git.release_branches import MERGE, PATCHED, RELEASED, make_story
from tests.git.steps import pull_request_step

HEAD = "still match{} `v1.0.1`. Upstream's"


def proposed(story: Story) -> str:
    """Return the body of the final pull request."""
    run = story.world.attempt(MERGE, pull_request_step("Sync", "Own text"), config=story.config)
    run.propose()
    return story.world.forge.pulls[0].body


def both(count: int, name: str = "f{}.txt") -> dict[str, Files]:
    """Return a number of files, as three of upstream's commits have them."""
    names = [name.format(number) for number in range(count)]
    kinds = ("base", "patched", "released")
    return {it: dict.fromkeys(names, f"{it}\n") for it in kinds}


def test_the_final_pull_request_names_the_files_first(tmp_path: Path) -> None:
    body = proposed(make_story(tmp_path, released={**RELEASED, "g.txt": None}))

    assert body.startswith(
        f"**Downstream never changed these 2 files**: they {HEAD.format('')} versions were taken.\n\n"
        "- `f.txt`\n- `g.txt` (deleted)\n\nOwn text"
    )


def test_the_conflict_pull_request_names_them_too(tmp_path: Path) -> None:
    story = make_story(tmp_path, own={"g.txt": "a\nown\nc\n"})

    body = story.conflict().body

    assert body.startswith(
        f"**Downstream never changed this file**: it {HEAD.format('es')} version was taken.\n\n- `f.txt`\n\nWhile"
    )


def test_without_such_files_there_is_no_text(tmp_path: Path) -> None:
    assert "never changed" not in proposed(make_story(tmp_path, released={"new.txt": "new\n"}))


@pytest.mark.parametrize(("count", "folded"), [(10, False), (31, True)])
def test_a_long_list_is_folded(tmp_path: Path, count: int, *, folded: bool) -> None:
    body = proposed(make_story(tmp_path, **both(count)))

    assert f"**Downstream never changed these {count} files**" in body
    assert body.count("\n- `f") == count
    assert (f"<details><summary>{count} files</summary>\n\n- `f0.txt`" in body) is folded
    assert ("\n\n</details>\n\nOwn text" in body) is folded


def test_the_longest_list_is_cut_and_says_so(tmp_path: Path) -> None:
    count, name = 400, "a-folder/of-a-long-name/{}.txt"
    body = proposed(make_story(tmp_path, **both(count, name)))

    shown = body.count("\n- `a-folder")
    assert 50 < shown < 200
    assert f"\n- … and {count - shown} more; the log of the step names them.\n" in body
    assert len(body) < 10_000


def test_names_are_shown_verbatim_and_have_no_effect(tmp_path: Path) -> None:
    body = proposed(make_story(tmp_path, **both(1, "a`|<b>@ada #1 {}")))

    assert "\n- `a'\\|<b>@ada #1 0`\n" in body


def test_upstreams_hunks_are_distinguished_from_whole_files(tmp_path: Path) -> None:
    config = {"conflicts": [{"paths": ["f.*"], "resolve": "UpstreamHunks"}]}
    lines = [f"line {number}\n" for number in range(30)]

    def changed(word: str, *numbers: int) -> str:
        """Return the file with a word in some lines."""
        return "".join(f"{word}\n" if n in numbers else it for n, it in enumerate(lines))

    story = make_story(
        tmp_path,
        base={"f.txt": "".join(lines)},
        patched={"p.txt": str(PATCHED)},
        released={"f.txt": changed("upstream", 5, 15, 16)},
        own={"f.txt": changed("own", 5, 25)},
        config=config,
    )

    body = proposed(story)

    assert "**Decided by the Plan's rules, not by a person:** 1 file." in body
    row = "| `f.txt` | both modified | 1 (UpstreamHunks) | upstream's lines where both collide | 1 (1 instead) |"
    assert row in body
