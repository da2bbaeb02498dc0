"""What a sync may ask of the forge, and what the forge showed; pure.

`Lookups` are the few things that have to be known, since each costs a request; `reviewer` looks. A
`BaseView` is what is seen, less often, of an open pull request's base.
"""

from dataclasses import dataclass

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.controller.forge.comments.commands import Command
from resync_argo.forge.interface import PullRequest
from resync_argo.names import sync_branch


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """What has to be known of the forge before a sync can be decided.

    Attributes:
        plan: the Plan's name; `line` is what the release's branches are named by.
        occasion: the Workflow, its attempt and what else tells this question from an earlier one.
        final: look for the final pull request, by `final_number` if known, else by its branch.
        conflict: key of the conflict whose pull request has to be found.
        conflict_number: the number of a conflict's pull request that is known.
        commit: a commit that the branch is said to contain.
        is_blocked: a person's commit on the branch stopped the sync, until that person says more.
        after: id of the newest comment that was carried out; 0: none was.
        parameters: what people may set by comments.
        is_optional: nobody waits for what is looked up: a pull request that is gone is no trouble.
    """

    plan: str
    line: str
    occasion: str = ""
    final: bool = False
    final_number: int | None = None
    conflict: str | None = None
    conflict_number: int | None = None
    commit: str | None = None
    is_blocked: bool = False
    after: int = 0
    parameters: tuple[Parameter, ...] = ()
    is_optional: bool = False

    @property
    def branch(self) -> str:
        """Return the branch that carries the sync's result."""
        return sync_branch(self.plan, self.line)


@dataclass(frozen=True, kw_only=True)
class ForgeView:
    """What the forge showed.

    Attributes:
        final: the final pull request; None: not looked for, or there is none.
        conflict: the conflict's pull request, likewise; `files` are the files in it.
        contains: the branch contains the commit that was asked for.
        command: what people ask for on one of the pull requests, and was not carried out yet.
    """

    final: PullRequest | None = None
    conflict: PullRequest | None = None
    files: tuple[str, ...] = ()
    contains: bool = False
    command: Command | None = None


@dataclass(frozen=True, kw_only=True)
class BaseView:
    """How an open final pull request stands to the downstream branch.

    Attributes:
        tip: the downstream branch's commit.
        merges: whether the pull request merges; None: the forge does not know yet.
        is_behind: the downstream branch has commits that the pull request's branch lacks; False where nobody asked.
        foreign: the commit on the pull request's branch that is not ours; None: there is none.
    """

    tip: str
    merges: bool | None = None
    is_behind: bool = False
    foreign: str | None = None
