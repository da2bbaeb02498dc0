"""A sync's questions for the forge, and the answers; pure.

`Lookups` are the few necessary questions, since each costs a request; `reviewer` asks them. A
`BaseView` is the state of an open pull request's base, which is read less often.
"""

from dataclasses import dataclass

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.controller.forge.comments.commands import Command
from resync_argo.forge.interface import PullRequest
from resync_argo.names import sync_branch


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """The questions for the forge before a sync can be decided.

    Attributes:
        plan: the Plan's name; `line` names the release's branches.
        occasion: the Workflow, its attempt, and whatever else distinguishes this question from an
            earlier one.
        final: look for the final pull request, by `final_number` if known, else by its branch.
        conflict: key of the conflict whose pull request to find.
        conflict_number: the number of a known conflict pull request.
        commit: a commit that, by a claim, the branch contains.
        is_blocked: a person's commit on the branch stopped the sync, until a person comments.
        after: id of the newest executed comment; 0: none.
        parameters: those that people may set by comments.
        is_optional: nobody waits for the answer, so a missing pull request is not an error.
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
        """Return the branch for the sync's result."""
        return sync_branch(self.plan, self.line)


@dataclass(frozen=True, kw_only=True)
class ForgeView:
    """The forge's answers.

    Attributes:
        final: the final pull request; None: not asked, or there is none.
        conflict: the conflict's pull request, likewise; `files` are the files in it.
        contains: the branch contains the lookup's commit.
        command: people's request on one of the pull requests that has not been executed yet.
    """

    final: PullRequest | None = None
    conflict: PullRequest | None = None
    files: tuple[str, ...] = ()
    contains: bool = False
    command: Command | None = None


@dataclass(frozen=True, kw_only=True)
class BaseView:
    """The state of an open final pull request relative to the downstream branch.

    Attributes:
        tip: the downstream branch's commit.
        merges: whether the pull request merges; None: the forge does not know yet.
        is_behind: the downstream branch has commits that the pull request's branch lacks; False if
            nobody asked.
        foreign: a commit on the pull request's branch that is not ours; None if there is none.
    """

    tip: str
    merges: bool | None = None
    is_behind: bool = False
    foreign: str | None = None
