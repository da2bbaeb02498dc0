"""Asks the forge in advance whether a Plan's credentials have all permissions for a sync.

It asks when a Plan is otherwise ready, and then once a day, or more often while a permission is
missing. It also rehearses a push, since git's permissions may differ from the API's. The result is
only a warning: a missing permission makes the attempt fail with the same message. If the forge does
not answer, the Plan counts as fine.

Source: GitHub's "Get a repository", "Permissions required for GitHub Apps" and "Scopes for OAuth apps".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from resync_argo.api.conditions import Finding
from resync_argo.api.plan import Plan
from resync_argo.controller.forge.access import ForgeAccess, access_of
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.plan.merge_methods import look_at_merges
from resync_argo.controller.state.keys import PlanKey, upstream_key
from resync_argo.controller.state.objects import Caches
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Access
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.reasons.forge import FORBIDDEN, PERMISSION_MISSING, REPOSITORY_ARCHIVED
from resync_argo.reasons.plan import GRANTED, NOT_TOLD, PERMISSIONS_NOT_CHECKED
from resync_argo.upstream.versions import Version, parse_version, precedence
from resync_argo.upstream.workflows import changes_workflows

DAY_SECONDS = 86400.0
AGAIN_SECONDS = 600.0
"""How soon to check missing permissions again."""

NOT_ASKED = Finding(
    status="Unknown", reason=PERMISSIONS_NOT_CHECKED, message="The forge has not been asked yet."
)


@dataclass(frozen=True, kw_only=True)
class PermissionQuestion:
    """Everything that the answer depends on.

    Attributes:
        access: how the Plan reaches its repositories.
        upstream: `host/owner/name`.
        has_labels: pull requests get labels.
        reviewers: who is asked to resolve conflicts in a fork.
        credentials: hashes of the Secrets' data.
    """

    access: ForgeAccess
    upstream: str
    has_labels: bool
    reviewers: tuple[str, ...]
    credentials: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """The forge's answer, and the seconds until the next check.

    Attributes:
        finding: about the permissions.
        merges: whether pull requests can be merged with a merge commit.
    """

    finding: Finding
    again_seconds: float
    merges: Finding = NOT_ASKED


def question_of(plan: Plan, secrets: Secrets) -> PermissionQuestion:
    """Return the question for a Plan.

    Raises:
        Stalled: the Plan names no Secret.
    """
    access, config = access_of(plan), plan.spec.config
    github = config.github
    return PermissionQuestion(
        access=access,
        upstream=config.upstream.name,
        has_labels=github is not None and bool(github.labels),
        reviewers=github.reviewers if github is not None and config.downstream.fork else (),
        credentials=(secrets.fingerprint(access.secret), secrets.fingerprint(access.fork_secret)),
    )


@dataclass(frozen=True, kw_only=True)
class PermissionChecker:
    """Checks Plans, one at a time."""

    forges: Forges
    remotes: Remotes
    rehearsal: Rehearsal
    caches: Caches
    ranges: Ranges

    def look(self, key: PlanKey, question: PermissionQuestion) -> Permissions:
        """Return the forge's answer.

        Raises:
            Transient: a host does not answer.
        """
        try:
            return self._ask(key, question)
        except Stalled as error:
            finding = Finding(status="False", reason=error.reason, message=str(error))
            return Permissions(finding=finding, again_seconds=AGAIN_SECONDS)

    def _ask(self, key: PlanKey, question: PermissionQuestion) -> Permissions:
        target = self.forges.final(question.access).access()
        if target.archived:
            raise Stalled(
                REPOSITORY_ARCHIVED,
                f"{question.access.downstream} is archived: unarchive it, or suspend the Plan.",
            )
        merges = look_at_merges(self.forges.final(question.access), question.access, target)
        head = self._access_to_head(question.access, target)
        answers = dict(self._answers(key, question, target, head))
        shut_out = list(self._shut_out(question)) if head.push else []
        lacking = [what for what, granted in answers.items() if granted is False]
        if lacking or shut_out:
            sentences = [f"The credentials lack: {'; '.join(lacking)}."] if lacking else []
            message = " ".join([*sentences, *shut_out])
            finding = Finding(status="False", reason=PERMISSION_MISSING, message=message)
            return Permissions(finding=finding, again_seconds=AGAIN_SECONDS, merges=merges)
        # The next release may be the first that needs the permission.
        again = AGAIN_SECONDS if head.workflows is False else DAY_SECONDS
        return Permissions(finding=_granted(answers), again_seconds=again, merges=merges)

    def _access_to_head(self, access: ForgeAccess, target: Access) -> Access:
        """Return the permissions where branches are pushed; a push is rehearsed if the forge allows it."""
        head = self.forges.conflict(access).access() if access.fork else target
        if head.push is False:
            return head
        try:
            self.rehearsal.push(self.remotes.conflict(access, fresh=True))
        except Stalled as error:
            if error.reason == FORBIDDEN:
                return replace(head, push=False)
            raise
        return replace(head, push=True)

    def _answers(
        self, key: PlanKey, question: PermissionQuestion, target: Access, head: Access
    ) -> Iterator[tuple[str, bool | None]]:
        """Yield each permission by its name in the forge's settings, and whether it is granted."""
        name, head_name = question.access.downstream, question.access.branches_in
        yield f"Contents (write) in {head_name}, to push branches", head.push
        yield f"Pull requests (write) in {name}, to open them", target.pull_requests
        if head_name != name:
            yield f"Pull requests (write) in {head_name}, for conflicts", head.pull_requests
            if question.has_labels:
                yield f"Issues (write) in {name}, for labels", target.issues
        yield f"Issues (write) in {head_name}, for labels", head.issues
        yield f"Commit statuses (write) in {head_name}, for what is resolved", head.statuses
        if head.workflows is not False or self._changes_workflows(key):
            what = f"Workflows (write) in {head_name}, for changes of .github/workflows"
            yield what, head.workflows

    def _shut_out(self, question: PermissionQuestion) -> Iterator[str]:
        """Yield a sentence for each reviewer who may not write to the fork, and so cannot resolve conflicts."""
        forge, fork = self.forges.conflict(question.access), question.access.fork
        for user in question.reviewers:
            if not forge.can_write(user):
                yield f"{user} may not write to {fork}, where conflicts are resolved: add them there."

    def _changes_workflows(self, key: PlanKey) -> bool:
        """Return whether upstream changed its workflows since the branch's newest contained release.

        The newest release that the Plan wants represents all queued ones.
        """
        plan = self.caches.plans.get(key.object)
        if plan is None:
            return False
        # Use the Tag's commit, since a branch may have moved on.
        known = {
            tag.version: tag.spec.commit if tag.spec.branch is not None else tag.spec.ref
            for tag in self.caches.tags_of(plan)
            if tag.spec.ref is not None and self.ranges.admits(plan, tag.version)
        }
        versions = (parse_version(version) for version in known)
        wanted = (version for version in versions if isinstance(version, Version))
        newest = max(wanted, key=precedence, default=None)
        if newest is None:
            return False
        access, secret = access_of(plan), upstream_key(plan).secret
        remote = self.remotes.upstream(
            plan.spec.config.upstream.name, access.secret if secret else None, access.downstream
        )
        return changes_workflows(
            remote, known.get(plan.status.current or ""), known[str(newest)] or ""
        )


def _granted(answers: dict[str, bool | None]) -> Finding:
    unsaid = [what for what, granted in answers.items() if granted is None]
    if unsaid:
        message = f"The forge does not report whether these are granted: {'; '.join(unsaid)}."
        return Finding(status="Unknown", reason=NOT_TOLD, message=message)
    message = "The credentials have every permission that a sync needs."
    return Finding(status="True", reason=GRANTED, message=message)
