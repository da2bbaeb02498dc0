"""Follow-up work of a sync that may wait: a commit status, a check of the merge, a cleanup.

Each task has its own poller, and starts after the phase is decided. None can delay the record of a
merge or the next release; only a rebuild waits for the deletion of its branch.
"""

from dataclasses import dataclass

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import access_of
from resync_argo.controller.forge.cleanup import Branches
from resync_argo.controller.forge.merges import History, MergedPullRequest
from resync_argo.controller.forge.resolutions import ConflictHead
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.sync.decision.after_run import squashed
from resync_argo.controller.sync.decision.phases import Finished, InConflict, Phase, Queued, Skipped
from resync_argo.controller.sync.decision.status import cleanup_condition, is_cleaned_up
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import PullRequestState
from resync_argo.reasons.sync import ABANDONED, MERGED, REBUILDING


@dataclass(frozen=True, kw_only=True)
class Told:
    """The pollers' results so far.

    Attributes:
        phase: the sync's phase, with the result about the merge.
        cleanup: the condition while branches are still to be deleted; None: there are none.
        error: why the resolution could not be shown, or the merge could not be checked.
    """

    phase: Phase
    cleanup: Condition | None = None
    error: ResyncError | None = None


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """Manages the follow-up work of all Syncs."""

    cluster: Cluster
    resolutions: Poller[ObjectKey, ConflictHead, str]
    merges: Poller[ObjectKey, MergedPullRequest, History]
    cleanup: Poller[ObjectKey, Branches, Branches]

    def follow(self, subject: Subject, before: Phase, phase: Phase, view: ForgeView | None) -> Told:
        """Start the follow-up work of a phase; return the results so far.

        Args:
            subject: the Sync with its Plan and its Tag.
            before: its previous phase.
            phase: its current one.
            view: the forge's answers; None: none yet.
        """
        key = subject.sync.metadata.key
        if subject.plan.spec.config.github is None:
            self.forget(key)
            return Told(phase=phase)
        told = self._looked_at_merge(subject, phase, view)
        return Told(
            phase=told.phase,
            cleanup=self._clean_up(subject, before, phase),
            error=told.error or self._show_resolution(subject, phase, view),
        )

    def is_cleared(self, subject: Subject, before: Phase) -> bool:
        """Return whether the branch that people asked to rebuild is deleted."""
        if not isinstance(before, Queued) or before.why.reason != REBUILDING:
            return False
        seen = self.cleanup.seen(subject.sync.metadata.key)
        return seen is not None and seen.value == _rebuilt(subject)

    def forget(self, key: ObjectKey) -> None:
        """Stop polling for a Sync."""
        for poller in (self.resolutions, self.merges, self.cleanup):
            poller.forget(key)

    def _show_resolution(
        self, subject: Subject, phase: Phase, view: ForgeView | None
    ) -> ResyncError | None:
        key = subject.sync.metadata.key
        if not isinstance(phase, InConflict):
            self.resolutions.forget(key)
            return None
        found = view.conflict if view is not None else None
        if found is not None and found.state is PullRequestState.OPEN:
            access = access_of(subject.plan)
            runs = self.cluster.settings.runs_url(subject.sync.metadata.namespace)
            head = ConflictHead(
                access=access,
                base=found.base_branch,
                branch=found.head_branch,
                commit=found.head_commit,
                run_url=f"{runs}/{phase.run.workflow}" if runs else None,
            )
            self.resolutions.ask(key, head, access.lane)
        seen = self.resolutions.seen(key)
        return seen.error if seen is not None else None

    def _looked_at_merge(self, subject: Subject, phase: Phase, view: ForgeView | None) -> Told:
        """Return the phase, with a reason once it is known that the merge dropped history."""
        key, commit = subject.sync.metadata.key, subject.tag.spec.commit
        is_merged = isinstance(phase, Finished) and phase.why.reason == MERGED
        if not is_merged or commit is None or not isinstance(phase, Finished):
            self.merges.forget(key)
            return Told(phase=phase)
        final = view.final if view is not None else None
        if final is not None and final.merged_commit is not None:
            access = access_of(subject.plan)
            merged = MergedPullRequest(
                access=access,
                number=final.number,
                merged_commit=final.merged_commit,
                head_commit=final.head_commit,
                tag_commit=commit,
                version=subject.tag.version,
                repository=subject.tag.spec.repository,
            )
            self.merges.ask(key, merged, access.lane)
        seen = self.merges.seen(key)
        if seen is None or seen.value is None or phase.review is None:
            return Told(phase=phase, error=seen.error if seen is not None else None)
        self.merges.forget(key)
        if seen.value is History.KEPT:
            return Told(phase=phase)
        is_recorded = seen.value is History.RECORDED
        return Told(phase=squashed(phase, phase.review, commit, is_recorded=is_recorded))

    def _clean_up(self, subject: Subject, before: Phase, phase: Phase) -> Condition | None:
        sync = subject.sync
        key = sync.metadata.key
        if isinstance(phase, Queued) and phase.why.reason == REBUILDING:
            self._ask(key, _rebuilt(subject))
            return None
        is_new = _is_settled(phase) and not _is_settled(before) and self._may_have_branches(phase)
        if not is_new and (not _is_settled(phase) or is_cleaned_up(sync.status)):
            self.cleanup.forget(key)
            return None
        branches = _of_conflicts(subject)
        self._ask(key, branches)
        seen = self.cleanup.seen(key)
        if seen is not None and seen.value == branches:
            self.cleanup.forget(key)
            return None
        return cleanup_condition(seen.error if seen is not None else None)

    def _ask(self, key: ObjectKey, branches: Branches) -> None:
        self.cleanup.ask(key, branches, branches.access.lane)

    def _may_have_branches(self, phase: Phase) -> bool:
        # A retry forgets the conflicts of earlier tries, but their branches still exist.
        had_conflict = phase.question is not None or phase.tries.number > 0
        return had_conflict and not self.cluster.settings.keep_conflict_branches


def _is_settled(phase: Phase) -> bool:
    """Return whether a person merged or closed the final pull request."""
    if isinstance(phase, Finished):
        return phase.review is not None and phase.review.merged
    is_abandoned = isinstance(phase, Skipped) and phase.why.reason == ABANDONED
    return is_abandoned and isinstance(phase, Skipped) and phase.review is not None


def _of_conflicts(subject: Subject) -> Branches:
    plan = subject.plan
    return Branches(access=access_of(plan), plan=plan.metadata.name, line=subject.line)


def _rebuilt(subject: Subject) -> Branches:
    plan = subject.plan
    return Branches(
        access=access_of(plan),
        plan=plan.metadata.name,
        line=subject.line,
        rebuild=subject.sync.spec.rebuild,
    )
