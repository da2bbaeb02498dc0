"""What `status` and `graph` show of Plans and Tags."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from rich.console import Console

from resync_argo.api.tag import Tag
from resync_argo.local.cluster.drawings import mermaid, svg, table, tree
from resync_argo.local.cluster.view import View, age, chains, find_tag, rows

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def tag(version: str, **sync: object) -> Tag:
    syncs = [{"plan": "z-release", "startTime": "2026-01-01T09:00:00Z", **sync}] if sync else []
    return Tag.parse(
        {
            "metadata": {"name": f"kubernetes-{version}", "namespace": "default"},
            "spec": {"repository": "github.com/kubernetes/kubernetes", "version": version},
            "status": {"syncs": syncs, "phase": sync.get("phase")},
        }
    )


TAGS = (
    tag("1.21.10"),
    tag("1.21.3", phase="Pending", message="1.21.2 waits for a resolution."),
    tag("1.21.1", phase="Finished", pullRequest="https://forge.test/pull/1", merged=True),
    tag(
        "1.21.2",
        phase="Conflict",
        conflict={"pullRequest": "https://forge.test/pull/2", "files": ["a", "b"]},
    ),
)
VIEW = View(plans=(), tags=TAGS)


def printed(drawn: object) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(drawn)
    return captured.get()


def test_releases_stand_in_the_order_of_their_versions() -> None:
    order = [row.version for row in rows(VIEW, NOW)]

    assert order == ["1.21.1", "1.21.2", "1.21.3", "1.21.10"]


def test_a_conflict_waits_for_a_person_with_the_conflicts_pull_request() -> None:
    row = rows(VIEW, NOW)[1]

    assert row.pull_request == "https://forge.test/pull/2"
    assert row.waits_for == "a person to resolve 2 file(s)"
    assert row.age == "3h"


def test_what_is_pending_says_why() -> None:
    assert rows(VIEW, NOW)[2].waits_for == "1.21.2 waits for a resolution."


def test_a_tag_that_no_plan_wants_is_shown_too() -> None:
    assert rows(VIEW, NOW)[3].waits_for == "no Plan wants it"


def test_an_open_pull_request_waits_to_be_merged() -> None:
    view = View(plans=(), tags=(tag("1.0.0", phase="Finished", pullRequest="https://x/1"),))

    assert rows(view, NOW)[0].waits_for == "its pull request to be merged"


def test_the_table_has_every_tag() -> None:
    text = printed(table(rows(VIEW, NOW)))

    assert all(it.metadata.name in text for it in TAGS)
    assert "https://forge.test/pull/2" in text


def test_what_a_step_said_is_shown_as_it_stands() -> None:
    said = r"step `x` said \[/red] [bold]"
    view = View(plans=(), tags=(tag("1.0.0", phase="Failed", message=said),))

    assert said in printed(table(rows(view, NOW)))


def test_the_tree_and_the_graph_link_releases_in_order() -> None:
    lines = printed(tree(VIEW)).splitlines()
    graph = mermaid(VIEW)

    assert "1.21.1 (z-release: Finished)" in lines[2]
    assert "1.21.10 (no Plan)" in lines[5]
    assert 'u0t1["1.21.2 (z-release: Conflict)"]:::Conflict' in graph
    assert "u0t0 --> u0t1" in graph


def test_the_picture_is_an_svg_with_a_box_for_each_release() -> None:
    root = ElementTree.fromstring(svg(VIEW))  # noqa: S314 - our own picture

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall("{http://www.w3.org/2000/svg}rect")) == 4


def test_an_empty_cluster_is_drawn_too() -> None:
    empty = View(plans=(), tags=())

    assert rows(empty, NOW) == []
    assert chains(empty) == {}
    assert ElementTree.fromstring(svg(empty)).tag.endswith("svg")  # noqa: S314 - our own picture


def test_a_tag_is_found_by_name_or_by_version() -> None:
    assert [it.version for it in find_tag(TAGS, "kubernetes-1.21.2")] == ["1.21.2"]
    assert [it.version for it in find_tag(TAGS, "v1.21.2")] == ["1.21.2"]
    assert find_tag(TAGS, "1.99.0") == []


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, ""),
        ("2026-01-01T11:59:18Z", "42s"),
        ("2026-01-01T11:00:00Z", "1h"),
        ("2025-12-30T11:00:00Z", "2d"),
    ],
)
def test_ages_read_as_kubectl_says_them(since: str | None, expected: str) -> None:
    assert age(since, NOW) == expected
