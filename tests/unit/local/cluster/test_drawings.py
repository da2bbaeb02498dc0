"""A view of a cluster is drawn as a table, a tree, a graph and a picture."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from rich.console import Console

from resync_argo.local.cluster.drawings import mermaid, svg, table, tree
from resync_argo.local.cluster.view import View, rows
from tests.unit.local.cluster.clusters import TAGS, VIEW, plan, sync, tag

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def printed(drawn: object) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(drawn)
    return captured.get()


def test_the_table_has_every_tag() -> None:
    text = printed(table(rows(VIEW, NOW)))

    assert all(it.metadata.name in text for it in TAGS)
    assert "https://forge.test/pull/2" in text


def test_a_steps_text_is_shown_verbatim() -> None:
    said = r"step `x` said \[/red] [bold]"
    failed = sync("1.0.0", phase="Failed", message=said)
    view = View(plans=(plan(),), tags=(tag("1.0.0"),), syncs=(failed,))

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

    assert ElementTree.fromstring(svg(empty)).tag.endswith("svg")  # noqa: S314 - our own picture


def test_a_persons_text_cannot_break_out_of_a_label() -> None:
    suspended = plan(suspend=True, suspendReason='"]; click u0t0 "https://evil"')
    view = View(plans=(suspended,), tags=(tag("1.21.3"),))

    (line,) = (it for it in mermaid(view).splitlines() if "u0t0[" in it)

    assert line.count('"') == 2
