"""Looks at the forge for a sync: its pull requests, people's comments, the branch's contents."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.comments.commands import OPEN_VERBS, Command, Comments
from resync_argo.controller.forge.comments.settings import answer, judge
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.pull_requests import PullRequests, by_people
from resync_argo.controller.forge.records import Records
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.forge.view import ForgeView, Lookups
from resync_argo.controller.state.owners import Owners
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Forge, ObjectNotFound, PullRequest, PullRequestState
from resync_argo.names import conflict_branches
from resync_argo.reasons.forge import OBJECT_NOT_FOUND

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """Looks at the forge, one sync at a time."""

    forges: Forges
    pull_requests: PullRequests
    comments: Comments
    remotes: Remotes
    owners: Owners
    records: Records

    def look(self, _key: object, demand: tuple[ForgeAccess, Lookups]) -> ForgeView:
        """Return what the forge shows now.

        Raises:
            ResyncError: the forge cannot be asked, or refuses.
        """
        access, lookups = demand
        view = ForgeView()
        if lookups.commit is not None:
            contains = self.forges.final(access).contains(access.branch, lookups.commit)
            contains = contains or self.records.confirm(access, lookups.commit)
            view = replace(view, contains=contains)
        if lookups.final:
            view = self._with_final(access, lookups, view)
        if lookups.conflict is not None or lookups.conflict_number is not None:
            view = self._with_conflict(access, lookups, view)
        return view

    def _with_final(self, access: ForgeAccess, lookups: Lookups, view: ForgeView) -> ForgeView:
        forge = self.forges.final(access)
        if lookups.final_number is None:
            return replace(view, final=self._final_by_branch(access, lookups, forge))
        try:
            found = self.pull_requests.by_number(
                access.secret, access.downstream, forge, lookups.final_number
            )
        except ObjectNotFound:
            if lookups.is_optional:
                return view
            raise
        if found is None:
            return view
        if found.head_branch != lookups.branch:
            raise ObjectNotFound(
                OBJECT_NOT_FOUND,
                f"{access.downstream}: #{found.number} is not the pull request of {lookups.branch}, which"
                " was opened in another repository: name that one in the Plan again, or delete the Sync"
                " to start over.",
            )
        command = self._command_on_final(access, forge, found, lookups)
        return replace(view, final=found, command=command)

    def _command_on_final(
        self, access: ForgeAccess, forge: Forge, found: PullRequest, lookups: Lookups
    ) -> Command | None:
        """Return people's requests; on an open, healthy pull request fewer commands count."""
        if found.state is PullRequestState.MERGED:
            return None
        waits = found.state is PullRequestState.CLOSED or lookups.is_blocked
        try:
            command = self.comments.newest_command(
                access.secret, forge, found, judge=forge, after=lookups.after
            )
        except Stalled as error:
            if waits:
                raise
            LOG.warning("the comments on %s cannot be read: %s", found.url, error)
            return None
        if command is not None and not waits:
            command = command.limited_to(OPEN_VERBS)
        return _judged(command, lookups, forge, found)

    def _final_by_branch(
        self, access: ForgeAccess, lookups: Lookups, forge: Forge
    ) -> PullRequest | None:
        """Return the branch's pull request, unless a Plan of the same name elsewhere owns the branch.

        In that case this Plan's Workflow finds the branch and reports the owner.
        """
        found = by_people(forge.find_pull_request(lookups.branch, base=access.branch))
        if found is None:
            return None
        plan = ObjectKey(access.secret.namespace, lookups.plan)
        where = self.remotes.conflict(access)
        is_ours = not self.owners.is_claimed_elsewhere(plan, lookups.line, where)
        return found if is_ours else None

    def _with_conflict(self, access: ForgeAccess, lookups: Lookups, view: ForgeView) -> ForgeView:
        forge, repository = self.forges.conflict(access), access.branches_in
        found = self._conflict(access.fork_secret, repository, forge, lookups)
        if found is None:
            return view
        command = self._command_on_conflict(access, forge, found, lookups)
        files = self.pull_requests.files(access.fork_secret, repository, forge, found)
        return replace(view, conflict=found, files=files, command=_both(view.command, command))

    def _conflict(
        self, secret: ObjectKey, repository: str, forge: Forge, lookups: Lookups
    ) -> PullRequest | None:
        """Return the conflict's pull request: the known one if it is for this conflict, else the one by branch."""
        head = None
        if lookups.conflict is not None:
            _, head = conflict_branches(lookups.plan, lookups.line, lookups.conflict)
        if lookups.conflict_number is not None:
            with suppress(ObjectNotFound):  # The Plan may name another repository now.
                found = self.pull_requests.by_number(
                    secret, repository, forge, lookups.conflict_number
                )
                if found is not None and head in (None, found.head_branch):
                    return found
        return by_people(forge.find_pull_request(head)) if head else None

    def _command_on_conflict(
        self, access: ForgeAccess, forge: Forge, found: PullRequest, lookups: Lookups
    ) -> Command | None:
        """Return people's requests; on an open conflict pull request only a skip counts."""
        if found.state is PullRequestState.MERGED:
            return None
        is_open = found.state is PullRequestState.OPEN
        judge = self.forges.final(access)
        try:
            command = self.comments.newest_command(
                access.fork_secret, forge, found, judge=judge, after=lookups.after
            )
        except Stalled as error:
            if not is_open:
                raise
            # For example, a bot may not see who can write to the downstream. People can still
            # resolve the conflict.
            LOG.warning("the comments on %s cannot be read: %s", found.url, error)
            return None
        if command is not None and is_open:
            command = command.limited_to(("skip",))
        return _judged(command, lookups, forge, found)


def _judged(
    command: Command | None, lookups: Lookups, forge: Forge, found: PullRequest
) -> Command | None:
    """Return people's requests without invalid settings, which get a reply."""
    if command is None or not command.settings:
        return command
    accepted, refused = judge(command.settings, lookups.parameters)
    if refused:
        try:
            answer(forge, found.number, refused)
        except Stalled as error:
            LOG.warning("the comments on %s cannot be answered: %s", found.url, error)
    return replace(command, settings=accepted)


def _both(one: Command | None, other: Command | None) -> Command | None:
    """Return people's requests on both pull requests; the second one's command has priority."""
    if one is None or other is None:
        return one or other
    return Command(
        verb=other.verb or one.verb,
        comment=max(one.comment, other.comment),
        settings=(*one.settings, *other.settings),
    )
