"""The mutants of a line."""

from pathlib import Path

import pytest

from tests.mutation.mutants import mutants_of


def changes(text: str) -> set[str]:
    return {mutant.change[1] for mutant in mutants_of(Path("m.py"), text)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if a == b:\n    c()\n", {"if True:", "if False:", "pass"}),
        ("while a:\n    c()\n", {"while False:", "pass"}),
        ("x = a if b else c", {"x = a", "x = c"}),
        ("x = all(y)", {"x = any(y)"}),
        ("x = a and b", {"x = a or b"}),
        ("x = a < b", {"x = a <= b"}),
        ("x = a not in b", {"x = a in b"}),
        (
            'x = git("push", "--atomic", "-q")',
            {'x = git("push", *(), "-q")', 'x = git("push", "--atomic", *())'},
        ),
        ('x = [f"--force-with-lease={it}" for it in y]', {'x = ["--force" for it in y]'}),
        ("x = os.O_RDONLY | os.O_NOFOLLOW", {"x = os.O_RDONLY"}),
        ("x: int | None = f(1)", {"x: int | None = f( 2)", "x: int | None = f( 0)"}),
        ("def f(a: int | None, *, b: str | None) -> int | None: ...", set()),
        ("LIMIT = 1 << 20", set()),
        ("log.info(a)", set()),
    ],
)
def test_a_place_gets_the_mutants_that_can_matter(line: str, expected: set[str]) -> None:
    assert changes(line) == expected


def test_a_mutant_describes_itself() -> None:
    mutant = next(mutants_of(Path("m.py"), "import x\n\ny = 2 if x else 3\n"))

    assert mutant.line == 3
    assert mutant.change == ("y = 2 if x else 3", "y = 2")
    assert "-y = 2 if x else 3\n+y = 2" in mutant.diff
