"""The re-sync graph: the order of releases, and the one that a downstream branch syncs next.

Every function is pure: it depends on the current objects, not on the order of their arrival. The
controller calls `decide` for each downstream branch with all its candidates, and acts on each
Standing.

The rules: per branch one sync at a time, the oldest release first (Semantic Versioning's
precedence). A run, a conflict that waits for people, and an open pull request occupy the branch;
while nothing runs, an open pull request may be rebuilt. A failed sync holds up everything newer
until a person retries or skips it, unless the fault is this program's. Releases older than the
newest one in the branch are superseded. A release that is too young for its Plan waits, and so do
the Plan's newer releases of that upstream. With the order Latest, only the newest release that is
due is synced, it supersedes a failed one, and a release counts only once it is old enough, so that
a stream of releases never keeps all of them waiting. If the Plan follows an upstream branch, one
pull request moves from commit to commit, so it occupies the downstream branch only for others,
unless a person's commit is on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import Literal

from resync_argo.api.meta import ObjectKey
from resync_argo.reasons.attempt import FOREIGN_COMMIT
from resync_argo.reasons.catalogue import kind_of
from resync_argo.reasons.plan import UPSTREAM_NOT_READ
from resync_argo.reasons.reason import Kind, Reason
from resync_argo.reasons.turn import (
    ALREADY_SYNCED,
    BLOCKED_BY_FAILURE,
    BRANCH_BUSY,
    EARLIER_PULL_REQUEST_OPEN,
    MOVED_ON,
    NEWER_VERSION,
    NEXT,
    NOT_WANTED,
    OLDER_FIRST,
    PLAN_NOT_READY,
    PLAN_SUSPENDED,
    SKIP_REQUESTED,
    SUPERSEDED,
    TAG_UNAVAILABLE,
    TOO_YOUNG,
)
from resync_argo.upstream.candidate import Candidate, CandidateKey, Source
from resync_argo.upstream.versions import Version, precedence

Action = Literal["Submit", "Record", "Wait", "Skip", "Keep"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What to do with a candidate now, and why.

    Attributes:
        action: start its Workflow, record that the branch contains it, let it wait, skip it, or
            leave it alone.
        reason: one CamelCase word.
        message: a sentence for people.
        force: sync it even if the branch contains it or a newer one; only people request that.
        due_time: when its turn comes, if only time decides (RFC 3339 in UTC).
        may_refresh: its pull request is open, and a run may rebuild it now.
    """

    action: Action
    reason: str
    message: str
    force: bool = False
    due_time: str | None = None
    may_refresh: bool = False


def decide(candidates: Iterable[Candidate], *, stray: str = "") -> dict[CandidateKey, Standing]:
    """Decide for all candidates of one downstream branch; at most one is submitted.

    Args:
        candidates: in any order.
        stray: name of a Workflow that works on the branch but belongs to none of them.
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.place)
    branch = _Branch(ordered, stray)
    return {candidate.key: branch.standing(candidate) for candidate in ordered}


class _Branch:
    """One downstream branch's candidates, oldest first, and the facts that depend on all of them.

    Since a branch may have thousands of candidates, one pass finds everything that a standing
    needs. A waiting candidate names the one just before it, not the running one: so a sync's
    progress changes only the next standing, which costs one write instead of one for each waiting
    candidate.
    """

    def __init__(self, candidates: Sequence[Candidate], stray: str) -> None:
        self._stray = stray
        self._contained: dict[Source, Version] = {}
        self._newest: dict[tuple[ObjectKey, Source], Candidate] = {}
        self._youngster: dict[tuple[ObjectKey, Source], Candidate] = {}
        for c in candidates:
            if (known := _contained_by(c)) is not None:
                before = self._contained.get(c.source, known)
                self._contained[c.source] = max(before, known, key=precedence)
            if c.is_due and not c.is_retried and c.available and not c.is_too_young:
                self._newest[c.key.plan, c.source] = c
        self._occupants = [c for c in candidates if _occupies(c)]
        self._latest: dict[tuple[ObjectKey, Source], Candidate] = {
            (c.key.plan, c.source): c for c in candidates if c.is_of_branch and c.open_pull_request
        }
        self._at_work = next((c for c in candidates if c.is_running and not c.skip), None)
        for c in candidates:
            if c.is_too_young and c.order == "Sequential" and _is_for_age(self._refused(c)):
                self._youngster.setdefault((c.key.plan, c.source), c)
        able = [c for c in candidates if c.is_due and not self._refused(c) and not self._younger(c)]
        self._earlier = {after.key: before for before, after in pairwise(able)}
        self._blocker = next((c for c in candidates if self._blocks(c)), None)

    def standing(self, candidate: Candidate) -> Standing:
        """Return what to do with one candidate."""
        if candidate.skip and candidate.phase not in ("Finished", "Skipped"):
            return _skip(SKIP_REQUESTED, "A person asked to skip this Tag.")
        if not candidate.wanted and candidate.phase in (None, "Pending", "Failed"):
            return _skip(NOT_WANTED, "The Plan no longer wants this version.")
        if self._is_unrecorded(candidate):
            return Standing(
                action="Record",
                reason=ALREADY_SYNCED,
                message="The branch contains this release already.",
            )
        is_failed = candidate.phase == "Failed" and not candidate.is_retried
        if not candidate.is_due and not is_failed:
            return self._in_review(candidate) if candidate.open_pull_request else _keep(candidate)
        refused = self._refused(candidate)
        if refused is not None and (refused.action == "Skip" or not is_failed):
            return refused
        return _keep(candidate) if is_failed else self._turn(candidate)

    def _in_review(self, candidate: Candidate) -> Standing:
        """Return the standing of an open pull request: it may be rebuilt, or move to the branch's next commit."""
        latest = self._latest.get((candidate.key.plan, candidate.source))
        if latest is not None and latest.place > candidate.place:
            return _skip(MOVED_ON, "The pull request brings newer commits of the branch now.")
        kept, held = _keep(candidate), _held(candidate)
        if held is not None:
            return replace(kept, message=held.message)
        if self._at_work is not None:
            return replace(kept, message=_occupied(self._at_work).message)
        if self._stray or not candidate.wanted:
            return kept
        return replace(kept, may_refresh=True, force=self._is_superseded(candidate))

    def _is_unrecorded(self, candidate: Candidate) -> bool:
        """Return whether another sync found this release in the branch."""
        contained = self._contained.get(candidate.source)
        if candidate.phase is not None or candidate.is_retried or contained is None:
            return False
        return precedence(candidate.version) == precedence(contained)

    def _occupant(self, candidate: Candidate) -> Candidate | None:
        """Return the candidate whose run or pull request keeps this one waiting."""
        others = (c for c in self._occupants if not _gives_way(c, candidate))
        return next(others, None)

    def _turn(self, candidate: Candidate) -> Standing:
        if self._blocker is not None and self._blocker.place < candidate.place:
            return _wait(
                BLOCKED_BY_FAILURE,
                f"{self._blocker.title} failed; it holds up newer versions until it is retried or skipped.",
            )
        earlier = self._younger(candidate) or self._earlier.get(candidate.key)
        if earlier is not None:
            return _wait(OLDER_FIRST, f"{earlier.title} comes first.")
        occupant = self._occupant(candidate)
        if occupant is not None:
            return _occupied(occupant)
        if self._stray:
            return _wait(BRANCH_BUSY, f"The Workflow {self._stray} is at work on the branch.")
        return Standing(
            action="Submit",
            reason=NEXT,
            message="It is this version's turn.",
            force=candidate.is_retried and self._is_superseded(candidate),
        )

    def _refused(self, candidate: Candidate) -> Standing | None:
        """Return why a due or failed candidate is not considered; None if it is."""
        if not candidate.is_retried and self._is_superseded(candidate):
            return _skip(SUPERSEDED, "The branch contains a newer version that this Plan matches.")
        if not candidate.is_retried and (newer := self._newer(candidate)):
            if candidate.phase == "Failed":
                return _keep(candidate)
            return _skip(NEWER_VERSION, f"{newer.version} is newer, and `config.order` is Latest.")
        return _held(candidate)

    def _is_superseded(self, candidate: Candidate) -> bool:
        contained = self._contained.get(candidate.source)
        return contained is not None and precedence(contained) >= precedence(candidate.version)

    def _newer(self, candidate: Candidate) -> Candidate | None:
        if candidate.order != "Latest":
            return None
        newest = self._newest.get((candidate.key.plan, candidate.source))
        return newest if newest is not None and newest.place > candidate.place else None

    def _younger(self, candidate: Candidate) -> Candidate | None:
        """Return an older release of its Plan and upstream that is still too young, if there is one."""
        found = self._youngster.get((candidate.key.plan, candidate.source))
        is_before = found is not None and found.place < candidate.place
        return found if is_before and not candidate.is_retried else None

    def _blocks(self, candidate: Candidate) -> bool:
        failed = candidate.phase == "Failed" and not candidate.is_retried
        # People cannot fix a bug of this program, so it does not hold anything up.
        counts = (
            candidate.wanted and not candidate.skip and kind_of(candidate.reason) is not Kind.OURS
        )
        return failed and counts and self._refused(candidate) is None


def _contained_by(candidate: Candidate) -> Version | None:
    """Return the newest release in the branch, as far as this sync knows."""
    known = [candidate.version] if candidate.is_contained else []
    known += [candidate.contains] if candidate.contains is not None else []
    return max(known, key=precedence, default=None)


def _occupies(candidate: Candidate) -> bool:
    is_running = candidate.is_running and not candidate.skip
    return candidate.open_pull_request or is_running or _is_persons(candidate)


def _is_persons(candidate: Candidate) -> bool:
    """Return whether a person's commit on a branch's pull request keeps it from moving on."""
    is_failed = candidate.phase == "Failed" and candidate.reason == FOREIGN_COMMIT
    return candidate.is_of_branch and is_failed and not candidate.skip


def _gives_way(occupant: Candidate, candidate: Candidate) -> bool:
    """Return whether an open pull request moves on to a candidate instead of keeping it waiting."""
    if occupant.key == candidate.key:
        return _is_persons(occupant)
    is_same = (occupant.key.plan, occupant.source) == (candidate.key.plan, candidate.source)
    return is_same and candidate.is_of_branch and occupant.phase == "Finished"


def _occupied(occupant: Candidate) -> Standing:
    if _is_persons(occupant):
        message = (
            f"A person's commit is on the pull request of {occupant.title}: merge or close it."
        )
        return _wait(EARLIER_PULL_REQUEST_OPEN, message)
    if occupant.open_pull_request:
        return _wait(
            EARLIER_PULL_REQUEST_OPEN, f"The pull request of {occupant.title} is still open."
        )
    waits = "waits for a resolution" if occupant.phase == "Conflict" else "is running"
    return _wait(BRANCH_BUSY, f"{occupant.title} {waits}.")


def _held(candidate: Candidate) -> Standing | None:
    if not candidate.available:
        return _wait(TAG_UNAVAILABLE, "Upstream's tag moved or vanished since it was first seen.")
    if candidate.suspended:
        return _wait(PLAN_SUSPENDED, _suspended(candidate))
    if not candidate.ready:
        return _wait(PLAN_NOT_READY, f"Plan {candidate.key.plan.name} is not ready.")
    if not candidate.complete:
        return _wait(UPSTREAM_NOT_READ, "The upstream's tags are still being read.")
    return _too_young(candidate)


def _suspended(candidate: Candidate) -> str:
    said = f"Plan {candidate.key.plan.name} is suspended"
    return f"{said}: {candidate.suspend_reason}" if candidate.suspend_reason else f"{said}."


def _is_for_age(standing: Standing | None) -> bool:
    return standing is not None and standing.reason == TOO_YOUNG


def _too_young(candidate: Candidate) -> Standing | None:
    if candidate.matures is None or not candidate.is_too_young:
        return None
    due = candidate.matures.strftime("%Y-%m-%dT%H:%M:%SZ")
    message = f"It is younger than `upstream.minimumAge`; its turn comes at {due} at the earliest."
    return Standing(action="Wait", reason=TOO_YOUNG, message=message, due_time=due)


def _keep(candidate: Candidate) -> Standing:
    return Standing(action="Keep", reason=candidate.reason, message="")


def _wait(reason: Reason, message: str) -> Standing:
    return Standing(action="Wait", reason=reason, message=message)


def _skip(reason: Reason, message: str) -> Standing:
    return Standing(action="Skip", reason=reason, message=message)


def link_next(versions: Iterable[Version]) -> dict[str, str | None]:
    """Map each version to the next one; the newest to None."""
    ordered = [str(version) for version in sorted(versions, key=precedence)]
    return dict(zip_longest(ordered, ordered[1:]))
