"""Answers the steps of one attempt: in `main` while it waits, and beside the steps of a local run."""

import os
from dataclasses import dataclass, field

from resync_argo.attempt.conflict.answers import load_resolutions
from resync_argo.attempt.conflict.decisions import Decision, save_decisions
from resync_argo.attempt.conflict.stop import save_stop
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.resolve.carrying import settle_carry
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.regenerate.tidied import settle_tidied
from resync_argo.attempt.resolve.reply import Answers
from resync_argo.attempt.resolve.request import CARRY, TIDIED, take_request
from resync_argo.attempt.resolve.settle import settle, with_proposals
from resync_argo.attempt.results import RESOLVER, failure, save_result
from resync_argo.attempt.steps.control import Control, Untrustworthy
from resync_argo.errors import ResyncError

MAX_REQUESTS = 5_000
"""How many requests of one attempt; a rebase asks once for each commit that rules or people settle."""


_DECIDING = {CARRY: settle_carry, TIDIED: settle_tidied}


@dataclass(kw_only=True)
class Resolver:
    """Answers the steps of one attempt, one request after the other.

    Attributes:
        attempt: whose steps.
        people: earlier answers of people; None: those that checkout found.
    """

    attempt: Attempt
    people: People | None = None
    _answers: Answers | None = None
    _decisions: list[Decision] = field(default_factory=list)
    _requests: int = 0

    def look(self) -> None:
        """Answer a step that asks; return at once where none does."""
        if not os.path.lexists(Control(directory=self.attempt.layout.control).answer):
            return
        try:
            if self._answers is None:
                self._answers = Answers(self.attempt)
            self._look(self._answers)
        except ResyncError as error:
            # `main` says what is wrong, in its own words.
            save_result(self.attempt, RESOLVER, failure(error))
            if self._answers is not None:
                self._answers.stop((str(error),))

    def close(self) -> None:
        """Stop answering."""
        if self._answers is not None:
            self._answers.close()
            self._answers = None

    def _look(self, answers: Answers) -> None:
        request = take_request(self.attempt)
        if request is None:
            return
        self._requests += 1
        if self._requests > MAX_REQUESTS:
            raise Untrustworthy(f"The steps met more than {MAX_REQUESTS} conflicts.")
        if self.people is None:
            self.people = People(answered=load_resolutions(self.attempt))
        decide = _DECIDING.get(request.call.command, settle)
        settled = with_proposals(self.attempt, decide(self.attempt, request, self.people))
        self._decisions += settled.decisions
        save_decisions(self.attempt, self._decisions)
        if settled.stop is not None:
            save_stop(self.attempt, settled.stop)
        answers.proceed(self.attempt, request.commit, settled)
