"""Reconciles a Sync: gathers the facts, decides, acts, and writes the status.

Nothing here waits for a network: an earlier reconcile has asked the forge, and the pollers queue
the Sync again when they have news.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.api.sync import Sync, SyncStatus
from resync_argo.controller.kube.api import SYNCS
from resync_argo.controller.kube.errors import Forbidden
from resync_argo.controller.kube.events import post_event
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import PlanKey, branch_key
from resync_argo.controller.state.objects import is_of, keep_sync
from resync_argo.controller.state.owners import Owners
from resync_argo.controller.state.sightings import FIRST_SECONDS
from resync_argo.controller.sync import workflow_actions
from resync_argo.controller.sync.access import AccessWatch
from resync_argo.controller.sync.admission import Admission
from resync_argo.controller.sync.aftermath import Aftermath
from resync_argo.controller.sync.base_watch import BaseWatch
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.freshness import put_off, seconds_to_refresh
from resync_argo.controller.sync.decision.inputs import (
    Decision,
    Explain,
    Inputs,
    Resume,
    Stop,
    Submit,
)
from resync_argo.controller.sync.decision.lookups import needed_lookups
from resync_argo.controller.sync.decision.phases import (
    Phase,
    Queued,
    Run,
    Why,
    is_in_review,
    queue_again,
    start,
)
from resync_argo.controller.sync.decision.status import conditions_of, events_of
from resync_argo.controller.sync.decision.stored import load, store
from resync_argo.controller.sync.decision.trouble import (
    REFUSED_WAIT,
    later,
    queue_later,
    seconds_to_next_try,
)
from resync_argo.controller.sync.forge_questions import Answer, ForgeQuestions
from resync_argo.controller.sync.observe import Subject, observe, template_hash
from resync_argo.controller.sync.orphans import let_go
from resync_argo.controller.sync.pod_watch import PodWatch
from resync_argo.controller.sync.tidying import Tidying
from resync_argo.errors import ResyncError, Stalled
from resync_argo.names import owner_reference
from resync_argo.reasons.sync import CHECKING_OUTCOME, LOOKING_FOR_PULL_REQUEST
from resync_argo.submit import Submission


@dataclass(frozen=True, kw_only=True)
class SyncReconciler:
    """Reconciles Syncs."""

    cluster: Cluster
    turns: Turns
    questions: ForgeQuestions
    aftermath: Aftermath
    access: AccessWatch
    pods: PodWatch
    bases: BaseWatch
    admission: Admission
    owners: Owners

    def reconcile(self, key: ObjectKey) -> Outcome:
        """Reconcile one Sync.

        Raises:
            ResyncError: the API server refused a write.
        """
        sync = self.cluster.caches.syncs.get(key)
        if sync is None or sync.metadata.deletion_timestamp:
            self.forget(key)
            return Outcome()
        if self._waits_for_a_newer_version(sync):
            self.forget(key)
            return Outcome()
        subject = self._subject(sync)
        if subject is None:
            self.forget(key)
            let_go(self.cluster, sync)
            return Outcome()
        if not sync.metadata.controller_uid:
            return self._adopt(subject)
        return self._reconcile(subject)

    def forget(self, key: ObjectKey) -> None:
        """Stop all polling for a Sync."""
        self.questions.forget(key)
        self.aftermath.forget(key)
        self.admission.forget(key)
        self.pods.forget(key)
        self.bases.forget(key)
        self.cluster.refusals.forget_sync(key)

    def _waits_for_a_newer_version(self, sync: Sync) -> bool:
        """Return whether its Plan or Tag exists but cannot be read; that object reports it itself."""
        caches, namespace = self.cluster.caches, sync.metadata.namespace
        plan = caches.plans.unreadable(ObjectKey(namespace, sync.spec.plan))
        return plan is not None or (
            caches.tags.unreadable(ObjectKey(namespace, sync.spec.tag)) is not None
        )

    def _subject(self, sync: Sync) -> Subject | None:
        caches, namespace = self.cluster.caches, sync.metadata.namespace
        plan = caches.plans.get(ObjectKey(namespace, sync.spec.plan))
        tag = caches.tags.get(ObjectKey(namespace, sync.spec.tag))
        if plan is None or tag is None or plan.metadata.deletion_timestamp:
            return None
        return Subject(sync=sync, plan=plan, tag=tag) if is_of(sync, plan, tag) else None

    def _adopt(self, subject: Subject) -> Outcome:
        """Make the Plan the owner of a person's Sync, so that both are deleted together."""
        sync, plan = subject.sync, subject.plan
        owner = owner_reference("Plan", plan.metadata.name, plan.metadata.uid)
        meta = {"resourceVersion": sync.metadata.resource_version, "ownerReferences": [owner]}
        written = self.cluster.kube.patch(SYNCS, sync.metadata.key, {"metadata": meta})
        self.cluster.caches.syncs.put(keep_sync(written))
        return Outcome()

    def _reconcile(self, subject: Subject) -> Outcome:
        before = load(subject.sync.status)
        is_cleared = self.aftermath.is_cleared(subject, before)
        inputs = observe(self.cluster, self.turns, subject, before, is_cleared=is_cleared)
        inputs = self.access.complete(subject, before, inputs)
        inputs = self.pods.complete(subject.sync.metadata.key, inputs)
        answer = self.questions.ask(subject, before, needed_lookups(before, inputs))
        if (wait := self._seconds_to_first_look(subject.sync, answer)) > 0:
            return Outcome(requeue_after=wait)
        if answer.command is not None:
            self.questions.obey(subject.sync, answer.command)
            return Outcome()
        phase, final = _held_up(before, answer.error), answer.view.final if answer.view else None
        inputs = self.bases.complete(subject, before, inputs, final)
        if answer.view is not None:
            phase = self._act(subject, before, decide(before, inputs, answer.view))
        told = self.aftermath.follow(subject, before, phase, answer.view)
        conditions = conditions_of(
            told.phase,
            subject.sync,
            self.cluster.now(),
            forge=answer.error,
            aftermath=told.error or self.bases.error(subject.sync.metadata.key),
            cleanup=told.cleanup,
            values=inputs.chosen.trouble,
        )
        status = store(told.phase, subject.sync, subject.tag, conditions, now=self.cluster.now())
        self._write(subject.sync, status)
        self.admission.follow(subject, before, told.phase, self.cluster.now())
        again = (
            self.access.follow(subject, before, told.phase),
            self.pods.seconds_to_next(subject.sync.metadata.key),
            self._tidy(inputs),
        )
        return Outcome(requeue_after=self._seconds_to_next(before, told.phase, again))

    def _tidy(self, inputs: Inputs) -> float | None:
        """Correct the nodes of the current run; return the seconds until the next look."""
        if inputs.run is None or inputs.run.state not in ("Failed", "Suspended"):
            return None
        return Tidying(cluster=self.cluster).follow(inputs.run.metadata.key, inputs.seen_seconds)

    def _seconds_to_first_look(self, sync: Sync, answer: Answer) -> float:
        """Return how long to wait for the forge's first answer before the first write."""
        if sync.status.phase is not None or answer.view is not None or answer.error is not None:
            return 0.0
        known = self.cluster.sightings.seconds(sync.metadata.key, "new", self.cluster.clock())
        return FIRST_SECONDS - known

    def _seconds_to_next(
        self, before: Phase, phase: Phase, again: Iterable[float | None]
    ) -> float | None:
        """Return the seconds until the next look at a sync without news; None: no look."""
        if phase != before:
            return 0.0  # A new phase has other questions for the forge.
        now, settings = self.cluster.now(), self.cluster.settings
        times = [*again, seconds_to_next_try(phase, now)]
        times.append(seconds_to_refresh(phase, now, settings.refresh_seconds))
        if phase.why.reason in (CHECKING_OUTCOME, LOOKING_FOR_PULL_REQUEST):
            # If the forge does not show an outcome for a while, time decides.
            times.append(settings.pull_request_poll_seconds)
        return min((seconds for seconds in times if seconds), default=None)

    def _act(self, subject: Subject, before: Phase, decision: Decision) -> Phase:
        """Execute the decision; return the resulting phase."""
        match decision.act:
            case Submit():
                refreshed = decision.phase if is_in_review(decision.phase) else None
                return self._submit(subject, refreshed or before, decision.act)
            case Stop():
                workflow_actions.stop(self.cluster, decision.act)
            case Resume():
                workflow_actions.resume(self.cluster, decision.act)
            case Explain():
                workflow_actions.explain(self.cluster, decision.act)
            case None:
                pass
        return decision.phase

    def _submit(self, subject: Subject, before: Phase, act: Submit) -> Phase:
        """Take the branch's lock, and create the Workflow if this release is still due."""
        plan = subject.plan
        branch = branch_key(plan)
        with self.turns.lock(branch):
            self.turns.mark(branch)
            applied = template_hash(self.cluster, plan)
            if applied is None or not self._is_turn(subject, before):
                return before
            if (held := self._held(subject, before)) is not None:
                return held
            try:
                submission = Submission(
                    template_hash=applied,
                    tries=act.tries.number,
                    force=act.force,
                    values=act.values,
                    owner=self.owners.owner_of(plan.metadata.key),
                )
                made = workflow_actions.submit(self.cluster, subject, submission)
            except (Stalled, Forbidden) as error:
                return _refused(before, error, later(self.cluster.now(), REFUSED_WAIT))
            finally:
                self.turns.mark(branch)
        name = made.metadata.name
        run = Run(workflow=name, attempt=1, template_hash=applied, values=made.values)
        now = self.cluster.now()
        return start(act.tries, run, now, review=act.refreshed, base=act.base)

    def _is_turn(self, subject: Subject, before: Phase) -> bool:
        standing = self.turns.standing(subject.plan, subject.tag)
        return standing.may_refresh if is_in_review(before) else standing.action == "Submit"

    def _held(self, subject: Subject, before: Phase) -> Phase | None:
        """Return a sync whose run must wait for room; None: it may begin."""
        if not is_in_review(before):
            return self.admission.held(subject, queue_again(before, before.why))
        refusal = self.admission.held_aside(subject)
        return put_off(before, refusal) if refusal is not None else None

    def _write(self, sync: Sync, status: SyncStatus) -> None:
        if status == sync.status:
            return
        try:
            written = self.cluster.kube.replace_status(
                SYNCS,
                sync.metadata.key,
                status.dump(),
                resource_version=sync.metadata.resource_version,
            )
        except (Stalled, Forbidden) as error:
            self._tell_plan(sync, error)
            raise
        self._tell_plan(sync, None)
        self.cluster.caches.syncs.put(keep_sync(written), ours=True)
        for event in events_of(sync, status):
            post_event(self.cluster.kube, "Sync", sync.metadata, event, self.cluster.now())

    def _tell_plan(self, sync: Sync, refused: ResyncError | None) -> None:
        """Update the Plan's report on whether the API server refuses the Sync's status."""
        plan = ObjectKey(sync.metadata.namespace, sync.spec.plan)
        if self.cluster.refusals.note_status(plan, sync.metadata.name, refused):
            self.cluster.queue.add(PlanKey(plan))


def _refused(phase: Phase, error: ResyncError, until: str) -> Phase:
    """Return a sync whose Workflow could not be created."""
    if is_in_review(phase):
        return put_off(phase, str(error), until=until)
    return queue_later(phase, Why(reason=error.reason, message=str(error)), until)


def _held_up(phase: Phase, error: ResyncError | None) -> Phase:
    """Return the previous phase; a queued sync reports what keeps it from starting."""
    if error is None or not isinstance(phase, Queued):
        return phase
    return queue_again(phase, Why(reason=error.reason, message=str(error)))
