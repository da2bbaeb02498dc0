"""A command on a pull request becomes a request in the Sync's spec."""

from typing import Any

import pytest

from resync_argo.api.sync import Sync
from resync_argo.controller.forge.comments.commands import Command, Verb
from resync_argo.controller.forge.comments.settings import Setting
from resync_argo.controller.order.turns import is_retry_asked, is_skip_asked
from resync_argo.controller.sync.forge_questions import wish
from tests.unit.controller.builders import sync, tag


def after(asked: Sync, verb: Verb, comment: int = 5) -> Sync:
    """Return the Sync on the API server after a command was executed."""
    change = wish(asked, Command(verb=verb, comment=comment))
    return asked.model_copy(update={"spec": asked.spec.model_copy(update=change)})


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("skip", {"skip": True, "comment": 5}),
        ("retry", {"skip": False, "retry": 3, "comment": 5}),
        ("rebuild", {"skip": False, "rebuild": 8, "comment": 5}),
        ("refresh", {"refresh": 4, "comment": 5}),
        ("hold", {"hold": True, "comment": 5}),
        ("unhold", {"hold": False, "comment": 5}),
    ],
)
def test_a_command_is_written_with_the_comment_that_holds_it(
    verb: Verb, expected: dict[str, Any]
) -> None:
    asked = sync(phase="Failed", reason="StepFailed", retry=2, rebuild=7, refresh=3)

    assert wish(asked, Command(verb=verb, comment=5)) == expected


@pytest.mark.parametrize("verb", ["retry", "rebuild"])
def test_a_retry_counts_once_even_after_a_high_number(verb: Verb) -> None:
    told: dict[str, Any] = {verb: 1_700_000_000}
    blocked = sync(phase="Failed", reason="ForeignCommit", spec=told, **told)

    asked = after(blocked, verb)
    done = sync(phase="Failed", spec=asked.spec.dump(), **{verb: getattr(asked.spec, verb)})

    assert not is_retry_asked(blocked)
    assert is_retry_asked(asked)
    assert not is_retry_asked(done)


def test_a_retry_withdraws_only_this_plans_skip() -> None:
    asked = after(after(sync(phase="Skipped", reason="SkipRequested"), "skip"), "retry", 6)

    assert not is_skip_asked(asked, tag())
    assert is_skip_asked(asked, tag(skip=True))


def test_settings_are_written_or_removed_with_it() -> None:
    settings = tuple(
        Setting(name=name, value=value, comment=5)
        for name, value in (("JIRA", "A-1"), ("NOTE", "x"), ("NOTE", ""))
    )
    values = {"JIRA": "A-1", "NOTE": None}

    alone = wish(sync(), Command(verb=None, comment=5, settings=settings))
    with_verb = wish(sync(), Command(verb="hold", comment=6, settings=settings))

    assert alone == {"comment": 5, "parameters": values}
    assert with_verb == {"hold": True, "comment": 6, "parameters": values}
