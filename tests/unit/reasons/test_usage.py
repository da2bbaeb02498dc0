"""Every reason that the program uses is in the table, and every reason in the table is used."""

from resync_argo.reasons import sections
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import ConditionType
from tests.unit.reasons.usage import (
    literals,
    named_for_their_class,
    program,
    taken_from_the_table,
    types_of_conditions,
)

MODULES = program()

OF_KUBERNETES = {"AlreadyExists"}
"""Words that the API server calls a reason."""


def test_every_reason_that_the_program_uses_is_in_the_table() -> None:
    strange = [it for it in literals(MODULES) if it.word not in REASONS]

    assert [it for it in strange if it.word not in OF_KUBERNETES] == []


def test_every_reason_in_the_table_is_used() -> None:
    given = {it.word for it in literals(MODULES)} | taken_from_the_table(MODULES)

    assert set(REASONS) - given - named_for_their_class(MODULES) == set()


def test_reasons_come_from_the_table() -> None:
    assert [it for it in literals(MODULES) if it.word not in OF_KUBERNETES] == []


def test_every_type_of_condition_is_in_the_table() -> None:
    known = {str(it) for it in vars(sections).values() if isinstance(it, ConditionType)}

    assert types_of_conditions(MODULES) - known == set()
