"""docs/peers.md names tests that are there, and leaves none of the peers' jobs out."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "peers.md"
JOBS = {"rebasebot": 26, "merge-bot": 14}
NAMED = re.compile(r'\]\((?P<file>\.\./tests/[^ )"]+)(?: "(?P<test>[^"]*)")?\)')


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without the table's own."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_every_test_that_is_named_is_there() -> None:
    named = list(NAMED.finditer(PAGE.read_text()))

    missing = [
        it["test"]
        for it in named
        if not re.search(rf"^def {it['test']}\(", (PAGE.parent / it["file"]).read_text(), re.M)
    ]

    assert named
    assert missing == []


def test_each_job_of_the_peers_has_a_plan_and_a_test() -> None:
    table = rows("What is followed")

    assert {
        peer: sum(int(jobs) for of, _, jobs, *_ in table if of == peer) for peer in JOBS
    } == JOBS
    assert all("`upstream." in fields and NAMED.search(shown) for *_, fields, shown in table)
