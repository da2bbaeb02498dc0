"""Records a sync's included pull requests and their commits, in a ref next to its branches.

The ref points to an empty commit. Its message is the record, and its parents are the pull requests'
commits, so these stay fetchable whatever happens to their branches. Pushing a conflict's branches
or the result also moves the ref: `Asked` pins the pull requests until the result is pushed, and
later syncs compare with `Published`.
"""

from typing import Literal

from pydantic import Field, ValidationError

from resync_argo.api.include import Commit, IncludedPull
from resync_argo.api.meta import Model
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.choose import MAX_INCLUDED
from resync_argo.attempt.repository.clone import PUSH, fetch
from resync_argo.hosts.empty_commit import empty_commit
from resync_argo.hosts.refs import list_refs
from resync_argo.names import spec_digest

State = Literal["Asked", "Published"]

MAX_BYTES = 100_000
"""Author of a record's commit."""


class Record(Model):
    """A record's content.

    Attributes:
        state: whether people were asked, or the result was published.
        release: upstream's commit.
        rules: identifies the `config.include`.
        pulls: in order of number.
    """

    state: State
    release: Commit
    rules: str
    pulls: tuple[IncludedPull, ...] = Field((), max_length=MAX_INCLUDED)


def rules_of(attempt: Attempt) -> str:
    """Return an identifier of the Plan's `config.include`."""
    return spec_digest([it.dump() for it in attempt.contract.config.include])


def read_record(attempt: Attempt) -> tuple[Record | None, str]:
    """Fetch the record with the commits that it keeps; return it, and its own commit, "" without one.

    One that makes no sense counts as none.

    Raises:
        Stalled: the repository or a permission is missing.
        Transient: the host cannot be reached.
    """
    ref, git = attempt.include_ref, attempt.repository
    commit = list_refs(git, attempt.push, ref).get(ref)
    if commit is None:
        return None, ""
    fetch(attempt, PUSH, [f"+{ref}:{ref}"])
    there = git.text("rev-parse", "--verify", ref)
    if int(git.text("cat-file", "-s", there)) > MAX_BYTES:
        return None, there
    head, _, message = (
        git.run("cat-file", "commit", there).decode(errors="replace").partition("\n\n")
    )
    parents = {it.removeprefix("parent ") for it in head.splitlines() if it.startswith("parent ")}
    try:
        record = Record.model_validate_json(message.partition("\n\n")[2])
    except ValidationError:
        return None, there
    return (record if {it.head for it in record.pulls} <= parents else None), there


def to_push(attempt: Attempt, state: State) -> dict[str, str]:
    """Return the ref with its new value; empty if it has that value, or there is nothing to record."""
    replay = attempt.replay_input()
    if not replay.included and not replay.include_record:
        return {}
    # The record leaves out what a run only reports.
    pulls = tuple(it.model_copy(update={"news": "", "contained": False}) for it in replay.included)
    record = Record(state=state, release=replay.tag_commit, rules=rules_of(attempt), pulls=pulls)
    message = f"Pull requests that come along\n\n{record.model_dump_json(by_alias=True)}\n"
    heads = list(dict.fromkeys(it.head for it in pulls))
    commit = empty_commit(attempt.repository, message, write=True, parents=heads)
    return {} if commit == replay.include_record else {attempt.include_ref: commit}
