"""Syncs what is due on one downstream branch, one release after the other, in the controller's order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from resync_argo.errors import ResyncError
from resync_argo.local.console import say
from resync_argo.local.place import place
from resync_argo.local.run.local_attempt import build_attempt
from resync_argo.local.run.outcome import RunOutcome
from resync_argo.local.run.run import run_plan
from resync_argo.local.sync.look import Seen
from resync_argo.local.sync.report import ReleaseReport, What
from resync_argo.reasons.attempt import FOREIGN_COMMIT, STEP_FAILED
from resync_argo.reasons.sync import ABANDONED
from resync_argo.reasons.turn import ALREADY_SYNCED
from resync_argo.upstream.candidate import Candidate, CandidateKey
from resync_argo.upstream.graph import Standing, decide

MOST_RUNS = 20
"""Of one branch in one call; the next call goes on."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The release to run now."""

    seen: Seen
    version: str

    @property
    def candidate(self) -> Candidate:
        """Return the release's present state."""
        return self.seen.candidates[self.version]


@dataclass(kw_only=True)
class Branch:
    """All Plans of one downstream branch, which take turns.

    Attributes:
        plans: those that could be read, in the order in which they were given.
        done: the results of the runs, by candidate.
    """

    plans: Sequence[Seen]
    done: dict[CandidateKey, ReleaseReport] = field(default_factory=dict)

    def work_off(self) -> None:
        """Sync until nothing is due."""
        for _ in range(MOST_RUNS):
            turn = self._next()
            if turn is None:
                return
            self._run(turn)

    def standings(self) -> dict[CandidateKey, Standing]:
        """Return what to do with each candidate."""
        return decide(it for seen in self.plans for it in seen.candidates.values())

    def _next(self) -> Turn | None:
        standings = self.standings()
        turns = [
            Turn(seen=seen, version=version) for seen in self.plans for version in seen.candidates
        ]
        due = [it for it in turns if standings[it.candidate.key].action == "Submit"]
        again = [
            it
            for it in turns
            if it.version in it.seen.stale and standings[it.candidate.key].may_refresh
        ]
        # As on a cluster, releases go before refreshes.
        return next(iter([*due, *again]), None)

    def _run(self, turn: Turn) -> None:
        turn.seen.stale.discard(turn.version)
        outcome = _run(turn)
        if outcome.outcome == "Failed":
            say(f"Failed: {outcome.message}", "red")
        self.done[turn.candidate.key] = _report(turn.version, outcome)
        turn.seen.candidates[turn.version] = _after(turn.candidate, outcome)


def _run(turn: Turn) -> RunOutcome:
    wish = turn.seen.wish
    request = wish.request(turn.seen.releases[turn.version])
    try:
        with place(keep=False) as layout:
            return run_plan(request, build_attempt(request, layout))
    except ResyncError as error:
        return RunOutcome(outcome="Failed", message=str(error))
    except Exception as error:  # Whatever one Plan's problem is, it must not affect the others.
        return RunOutcome(outcome="Failed", message=f"{type(error).__name__}: {error} (unexpected)")


def _after(candidate: Candidate, outcome: RunOutcome) -> Candidate:
    """Return a candidate's state after a run."""
    match outcome.outcome:
        case "Synced":
            return replace(
                candidate, phase="Finished", open_pull_request=outcome.pull_request is not None
            )
        case "AlreadySynced":
            return replace(
                candidate, phase="Finished", reason=ALREADY_SYNCED, open_pull_request=False
            )
        case "Conflict":
            return replace(candidate, phase="Conflict")
        case "Skipped":
            return replace(candidate, phase="Skipped", reason=ABANDONED)
        case "ForeignCommit":
            return replace(candidate, phase="Failed", reason=FOREIGN_COMMIT)
        case _:
            return replace(candidate, phase="Failed", reason=STEP_FAILED)


def _report(version: str, outcome: RunOutcome) -> ReleaseReport:
    what = What(outcome.outcome)
    if what is What.SYNCED and outcome.pull_request is not None:
        what = What.REVIEW
    return ReleaseReport(
        version=version,
        outcome=what,
        message=outcome.message,
        pull_request=outcome.pull_request,
        files=outcome.conflict.files if outcome.conflict else (),
        ran=True,
    )


def reports(seen: Seen, branch: Branch) -> tuple[ReleaseReport, ...]:
    """Return the state of those of a Plan's releases that people should know about."""
    standings, found, waits = branch.standings(), [], False
    for version, candidate in seen.candidates.items():
        ran = branch.done.get(candidate.key)
        told = ran or _told(seen, version)
        standing = standings[candidate.key]
        if told is None and standing.action in ("Wait", "Submit") and not waits:
            # The first waiting release says why; the others wait for it.
            waits = True
            told = ReleaseReport(version=version, outcome=What.WAITS, message=standing.message)
        found += [told] if told is not None else []
    return tuple(found)


def _told(seen: Seen, version: str) -> ReleaseReport | None:
    """Return what the forge shows about a release that did not run."""
    candidate, asked = seen.candidates[version], seen.asked.get(version)
    if asked is None or candidate.is_contained:
        return None
    shown = (
        (candidate.open_pull_request, asked.open_final, What.REVIEW, ""),
        (candidate.phase == "Conflict", asked.conflict, What.CONFLICT, ""),
        (
            candidate.phase == "Skipped",
            asked.closed,
            What.SKIPPED,
            "its pull request was closed without a merge.",
        ),
    )
    for holds, pull, what, message in shown:
        if holds and pull is not None:
            return ReleaseReport(
                version=version, outcome=what, message=message, pull_request=pull.url
            )
    return None
