"""Compares an open final pull request with the downstream branch, while it may be refreshed.

Refs cost no API quota, so they are read first. If a branch has moved, the pull request is read for
whether it merges; otherwise it is read conditionally. The commits that its branch lacks are read
once for each pair of tips. If a person's commit prevents a refresh, this is reported once, on the
pull request.
"""

import threading
from dataclasses import dataclass, replace

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import ForgeAccess, access_of
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.forge.view import BaseView
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.sync.decision.freshness import is_refresh_asked, needs_base
from resync_argo.controller.sync.decision.inputs import Inputs
from resync_argo.controller.sync.decision.phases import Phase
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import NotModified, ObjectNotFound, PullRequest
from resync_argo.git import LOOK_AT_REFS, Git
from resync_argo.hosts.refs import list_refs
from resync_argo.names import FOREIGN_MARK, record_ref, sync_branch
from resync_argo.reasons.forge import OBJECT_NOT_FOUND
from resync_argo.settings import Settings

LOOKS = 12
"""How many looks there are within the interval between refreshes."""

MAX_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An open final pull request.

    Attributes:
        access: how the Plan reaches its repository.
        plan: the Plan's name; `line` names the release's branches.
        number: of the pull request; `head` is its tip as last seen.
        needs_all: it is out of date if its branch lacks any commit of the downstream branch.
        asked: a person's pending request to refresh it; 0: none.
        lacks: the parameters whose newest values it lacks, as a list in words; "" for none.
    """

    access: ForgeAccess
    plan: str
    line: str
    number: int
    head: str
    needs_all: bool = False
    asked: int = 0
    lacks: str = ""

    @property
    def branch(self) -> str:
        """Return its branch."""
        return sync_branch(self.plan, self.line)


Bases = Poller[ObjectKey, Proposal, BaseView]


@dataclass(frozen=True, kw_only=True)
class BaseWatch:
    """Looks at the bases of all Syncs."""

    looks: Bases
    settings: Settings

    def complete(
        self, subject: Subject, before: Phase, inputs: Inputs, final: PullRequest | None
    ) -> Inputs:
        """Return the inputs of a sync, with its open pull request's state relative to the branch.

        Args:
            subject: the Sync with its Plan and its Tag.
            before: its previous phase.
            inputs: the other facts about it.
            final: its final pull request as last seen.
        """
        key = subject.sync.metadata.key
        if final is None or not needs_base(before, inputs, final):
            self.looks.forget(key)
            return inputs
        proposal = Proposal(
            access=access_of(subject.plan),
            plan=inputs.plan,
            line=inputs.line,
            number=final.number,
            head=final.head_commit,
            needs_all=inputs.refresh == "BaseMoved",
            asked=inputs.spec.refresh if is_refresh_asked(before, inputs) else 0,
            lacks=inputs.chosen.changed(before),
        )
        every = max(self.settings.refresh_seconds / LOOKS, self.settings.pull_request_poll_seconds)
        seen = self.looks.ask(key, proposal, proposal.access.lane, every=every)
        is_known = seen is not None and seen.error is None
        return replace(inputs, base=seen.value if seen is not None and is_known else None)

    def error(self, key: ObjectKey) -> ResyncError | None:
        """Return why the last look for a Sync failed."""
        seen = self.looks.seen(key)
        return seen.error if seen is not None else None

    def forget(self, key: ObjectKey) -> None:
        """Stop looking for a Sync."""
        self.looks.forget(key)


@dataclass(frozen=True, kw_only=True)
class _Refs:
    """The tips of both branches."""

    base: str
    head: str | None


@dataclass(kw_only=True)
class _Known:
    """Cached answers for a pair of tips.

    Attributes:
        refs: the tips.
        etag: of the pull request when it was last read; `merges` is its answer.
        is_behind: the pull request's branch lacks a commit of the other; None: nobody asked yet.
    """

    refs: _Refs
    etag: str | None = None
    merges: bool | None = None
    is_behind: bool | None = None


_Number = tuple[ObjectKey, str, int]


class BaseLook:
    """Looks at pull requests, one at a time; safe to use from many threads."""

    def __init__(self, forges: Forges, remotes: Remotes, git: Git) -> None:
        """Begin with nothing read.

        Args:
            forges: to read pull requests.
            remotes: to read branches.
            git: in any folder.
        """
        self._forges = forges
        self._remotes = remotes
        self._git = git
        self._known: LRUCache[_Number, _Known] = LRUCache(MAX_KEPT)
        self._told: LRUCache[_Number, bool] = LRUCache(MAX_KEPT)
        self._lock = threading.Lock()

    def look(self, _key: ObjectKey, proposal: Proposal) -> BaseView:
        """Return the state of a pull request relative to its base.

        Raises:
            ResyncError: the repository or the forge cannot be asked, or refuses.
        """
        number = proposal.access.secret, proposal.access.downstream, proposal.number
        refs, recorded = self._refs(proposal)
        with self._lock:
            known = self._known.get(number)
        if known is None or known.refs != refs:
            known = _Known(refs=refs)
        self._read(proposal, known)
        with self._lock:
            self._known[number] = known
        foreign = refs.head if refs.head != recorded else None
        is_behind = bool(known.is_behind and proposal.needs_all)
        is_wanted = proposal.asked or proposal.lacks or is_behind
        if foreign and (is_wanted or known.merges is False):
            self._tell(number, proposal, foreign)
        return BaseView(tip=refs.base, merges=known.merges, is_behind=is_behind, foreign=foreign)

    def _refs(self, proposal: Proposal) -> tuple[_Refs, str | None]:
        """Return the tips of both branches, and our last push."""
        access = proposal.access
        base, head = f"refs/heads/{access.branch}", f"refs/heads/{proposal.branch}"
        git = self._git.within(LOOK_AT_REFS)
        ours = head, record_ref(proposal.plan, proposal.line)
        if access.fork is None:
            there = list_refs(git, self._remotes.final(access), base, *ours)
        else:
            there = list_refs(git, self._remotes.final(access), base)
            there |= list_refs(git, self._remotes.conflict(access), *ours)
        tip = there.get(base)
        if tip is None:
            message = f"{access.downstream} has no branch {access.branch}."
            raise ObjectNotFound(OBJECT_NOT_FOUND, message)
        return _Refs(base=tip, head=there.get(head)), there.get(ours[1])

    def _read(self, proposal: Proposal, known: _Known) -> None:
        """Read everything still unknown for these tips, and, conditionally, what can change without them."""
        access = proposal.access
        forge = self._forges.final(access)
        answer, known.etag = forge.get_pull_request(proposal.number, etag=known.etag)
        if not isinstance(answer, NotModified):
            known.merges = answer.merges
        if proposal.needs_all and known.is_behind is None:
            # Ask the branch's repository: if a fork does not know the commit, its branch does not
            # contain it.
            forge = self._forges.conflict(access)
            known.is_behind = not forge.contains(proposal.branch, known.refs.base)

    def _tell(self, number: _Number, proposal: Proposal, foreign: str) -> None:
        """Report once, on the pull request, that a person's commit prevents a refresh."""
        with self._lock:
            is_told = self._told.get(number, False)
        forge = self._forges.final(proposal.access)
        if not is_told and not any(
            FOREIGN_MARK in comment.body for comment in forge.list_comments(proposal.number)
        ):
            forge.comment(proposal.number, _text(proposal, foreign))
        with self._lock:
            self._told[number] = True


def _text(proposal: Proposal, foreign: str) -> str:
    advice = f"Merge `{proposal.access.branch}` into it yourself"
    if proposal.lacks:
        advice = f"Write the new value of {proposal.lacks} into it yourself"
    return (
        f"This pull request is out of date, but resync-argo leaves it alone: somebody added the commit {foreign[:12]}"
        f" to its branch. {advice}, or comment `/resync rebuild` to"
        f" rebuild the branch without that commit.\n\n{FOREIGN_MARK} {foreign} -->"
    )
