"""Draws a view of a cluster: as a table, a tree, a Mermaid graph, an SVG picture."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Literal

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from resync_argo.api.tag import Tag
from resync_argo.local.cluster.view import Row, View, chains, labels, phase_of

Format = Literal["tree", "mermaid", "svg"]

COLOURS = {
    "Finished": "green",
    "Failed": "red",
    "Conflict": "yellow",
    "Running": "cyan",
    "Skipped": "bright_black",
}
FILLS = {"Finished": "#d5f5d5", "Failed": "#f9d5d5", "Conflict": "#fdf1c5", "Running": "#d5eef9"}
OTHER_FILL = "#eeeeee"
BOX, GAP, HEIGHT = 300, 30, 70


def table(rows: Sequence[Row]) -> Table:
    """Return the table that `status` shows."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("NAMESPACE", "TAG", "PLAN", "PHASE", "AGE", "PULL REQUEST", "WAITS FOR"):
        drawn.add_column(column, overflow="fold")
    for row in rows:
        phase = _text(row.phase, row.phase)
        cells = (row.age, row.pull_request, row.waits_for)
        drawn.add_row(row.namespace, row.tag, row.plan, phase, *(_text(it) for it in cells))
    return drawn


def tree(view: View) -> Tree:
    """Return the re-sync graph as a tree: upstreams, and their releases, oldest first."""
    root, label = Tree("Releases, oldest first"), labels(view)
    for upstream, tags in chains(view).items():
        branch = root.add(_text(upstream))
        for tag in tags:
            branch.add(_text(label[tag.metadata.key], phase_of(tag)))
    return root


def mermaid(view: View) -> str:
    """Return the re-sync graph for Markdown."""
    lines, label = ["graph LR"], labels(view)
    for number, (upstream, tags) in enumerate(chains(view).items()):
        lines.append(f'  subgraph u{number}["{upstream}"]')
        names = [f"u{number}t{position}" for position in range(len(tags))]
        for name, tag in zip(names, tags, strict=True):
            # Mermaid's own way to write a quotation mark in a label.
            shown = label[tag.metadata.key].replace('"', "#quot;")
            lines.append(f'    {name}["{shown}"]:::{phase_of(tag)}')
        lines += [f"    {one} --> {other}" for one, other in pairwise(names)]
        lines.append("  end")
    lines += [f"  classDef {phase} fill:{fill}" for phase, fill in FILLS.items()]
    return "\n".join(lines)


def svg(view: View) -> str:
    """Return the re-sync graph as a picture: a row of boxes for each upstream."""
    found, label = chains(view), labels(view)
    width = GAP + max((len(tags) for tags in found.values()), default=0) * (BOX + GAP)
    height = GAP + len(found) * (HEIGHT + 2 * GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="14">'
    ]
    for number, (upstream, tags) in enumerate(found.items()):
        top = GAP + number * (HEIGHT + 2 * GAP)
        parts.append(f'<text x="{GAP}" y="{top}" font-weight="bold">{escape(upstream)}</text>')
        for position, tag in enumerate(tags):
            left = GAP + position * (BOX + GAP)
            parts += _box(tag, label[tag.metadata.key], left, top + 10)
            if position:
                parts.append(_arrow(left, top + 10))
    return "\n".join([*parts, "</svg>"])


def _box(tag: Tag, label: str, left: int, top: int) -> list[str]:
    fill = FILLS.get(phase_of(tag), OTHER_FILL)
    return [
        f'<rect x="{left}" y="{top}" width="{BOX}" height="{HEIGHT}" rx="8" fill="{fill}"'
        ' stroke="#888888"/>',
        f'<text x="{left + 10}" y="{top + HEIGHT // 2 + 5}">{escape(label)}</text>',
    ]


def _arrow(left: int, top: int) -> str:
    return f'<path d="M{left - GAP} {top + HEIGHT // 2}H{left}" stroke="#888888"/>'


def _text(text: str, phase: str = "") -> Text:
    """Return text verbatim in a phase's colour: a step's text may contain rich's markup."""
    return Text(text, style=COLOURS.get(phase, "default"))
