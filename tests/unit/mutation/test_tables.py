"""The tables of mutation testing name existing lines and modules, so that no exception outlives its code."""

from tests.mutation.tables import ROOT, equivalents, watchers


def test_each_equivalent_mutant_names_an_existing_line() -> None:
    for it in equivalents():
        lines = [line.strip() for line in (ROOT / it.module).read_text().splitlines()]
        assert it.line in lines, f"{it.module} has no line {it.line!r} any more"
        assert it.becomes != it.line


def test_each_equivalent_mutant_is_listed_once_with_a_reason_and_its_module_is_watched() -> None:
    listed = [(it.module, it.line, it.becomes) for it in equivalents()]

    assert len(set(listed)) == len(listed)
    assert {it.module for it in equivalents()} <= watchers().keys()
    assert all(it.reason.endswith(".") for it in equivalents())


def test_each_watched_module_and_its_tests_exist() -> None:
    for module, tests in watchers().items():
        assert (ROOT / module).is_file(), module
        assert tests, module
        for test in tests:
            assert (ROOT / test.partition("::")[0]).exists(), test
