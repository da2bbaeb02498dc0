"""The authors of colliding commits leave the pod as lines, whatever characters their names hold."""

from resync_argo.conflicts.authors import MAX_AUTHORS, MAX_NAME, Authors


def test_written_lines_are_read_back() -> None:
    authors = Authors.of(["Ada", "Zoë: upstream", "Ada"], ["Bob"])

    assert authors == Authors(downstream=("Ada", "Zoë: upstream"), upstream=("Bob",))
    assert Authors.parse(authors.lines) == authors


def test_names_stay_on_their_lines_and_within_bounds() -> None:
    many = [f"name {number}" for number in range(99)]
    authors = Authors.of(["two\nlines\u202e", "x" * 999, " "], many)

    assert authors.downstream == ("twolines", "x" * MAX_NAME)
    assert authors.upstream == tuple(many[:MAX_AUTHORS])


def test_other_lines_are_left_out() -> None:
    assert Authors.parse(["exit code 1: no", "", "downstream", "Upstream: Bob"]) == Authors()
