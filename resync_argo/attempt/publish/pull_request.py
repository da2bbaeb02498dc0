"""The action `pull-request`: what the steps committed becomes a branch and a pull request.

Called by the action's container after the steps before it succeed. It checks everything from the
workspace. It looks for an existing pull request first, and keeps what people wrote in it.
"""

from dataclasses import replace
from shlex import quote as quote_word

from resync_argo.api.plan import PullRequestAction
from resync_argo.attempt.carry.ledger import describe_ledger, load_ledger
from resync_argo.attempt.conflict.decision_text import describe_decisions
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.include.describe import describe_included
from resync_argo.attempt.markdown import MAX_TITLE, code, inert, literal
from resync_argo.attempt.new_pull_request import finish, open_new
from resync_argo.attempt.publish.landing import how_to_land
from resync_argo.attempt.publish.leftovers import refuse_leftovers
from resync_argo.attempt.publish.losses import describe_losses, find_losses
from resync_argo.attempt.publish.push import ForeignCommit, publish
from resync_argo.attempt.publish.summary import quote, read_summary
from resync_argo.attempt.publish.text import Facts, compose, edited, sign
from resync_argo.attempt.publish.upstream_tag import push_tag
from resync_argo.attempt.repository.reverted import Revert, find_revert
from resync_argo.attempt.repository.step_objects import descends_from, take_commits
from resync_argo.attempt.repository.upstream_release import contained_sentence
from resync_argo.attempt.results import Result
from resync_argo.attempt.steps.control import Control, Untrustworthy, read, read_commit
from resync_argo.attempt.variables import all_variables, expand
from resync_argo.contract import Outcome
from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.names import FOREIGN_MARK
from resync_argo.reasons.attempt import FOREIGN_COMMIT, NOTHING_TO_PROPOSE
from resync_argo.reasons.turn import ALREADY_SYNCED

_SQUASHED = (
    "**Merge this with a merge commit.** If you squash it, the branch does not contain the tag: a record"
    " lets later syncs count it, but a merge by hand meets the same conflicts again."
)


def open_pull_request(attempt: Attempt, action: PullRequestAction) -> Result:
    """Push what the steps left as HEAD and open or update its pull request.

    Raises:
        Untrustworthy: the steps' commits cannot be used.
        Stalled: a person must act; a variable without value, a refused push, no change at all.
        Transient: the forge does not answer.
    """
    replay = attempt.replay_input()
    title, own = _expanded(attempt, action, replay)
    commit = _take_head(attempt)
    if commit == replay.head:
        return _nothing_new(attempt, replay)
    _check(attempt, commit, replay)
    facts = _facts(attempt, commit, replay)
    try:
        publish(attempt, commit)
    except ForeignCommit as error:
        return _tell_foreign(attempt, error)
    body = compose(own, replace(facts, notes=(*facts.notes, push_tag(attempt, replay))))
    pull_request = _ensure(attempt, title, body)
    return Result(pull_request=pull_request.url)


def _expanded(attempt: Attempt, action: PullRequestAction, replay: ReplayInput) -> tuple[str, str]:
    title = expand(action.title, all_variables(attempt, replay, shown=inert))
    body = expand(action.body, all_variables(attempt, replay, shown=literal))
    return " ".join(title.split())[:MAX_TITLE], body


def _take_head(attempt: Attempt) -> str:
    commit = read_commit(Control(directory=attempt.layout.control).head)
    if commit is None:
        raise Untrustworthy("No step ran before the pull request, so there is nothing to propose.")
    take_commits(attempt, [commit])
    return commit


def _nothing_new(attempt: Attempt, replay: ReplayInput) -> Result:
    branch = attempt.contract.config.downstream.branch
    if descends_from(attempt.repository, replay.head, replay.tag_commit):
        message = contained_sentence(attempt, replay.version, replay.head, replay.tag_commit)
        return Result(outcome=Outcome.ALREADY_SYNCED, reason=ALREADY_SYNCED, message=message)
    raise Stalled(NOTHING_TO_PROPOSE, f"The steps made no commit on top of {branch}.")


def _check(attempt: Attempt, commit: str, replay: ReplayInput) -> None:
    git = attempt.repository
    if not any(descends_from(git, commit, known) for known in (replay.head, replay.tag_commit)):
        raise Untrustworthy(
            "The steps left a commit that descends from neither the branch nor the tag."
        )
    refuse_leftovers(attempt, commit)


def _facts(attempt: Attempt, commit: str, replay: ReplayInput) -> Facts:
    git, config = attempt.repository, attempt.contract.config
    changed = git.run("diff", "--no-renames", "--name-only", "-z", replay.head, commit)
    files = changed.split(b"\0")[:-1]
    span = f"{replay.head}..{replay.tag_commit}"
    return Facts(
        upstream=config.upstream.name,
        branch=config.downstream.branch,
        tag=replay.tag_commit[:12] if replay.upstream_branch else replay.tag,
        upstream_branch=replay.upstream_branch,
        previous_tag=_previous(replay),
        commits=int(git.text("rev-list", "--count", span)),
        files=len(files),
        run_url=attempt.contract.run_url,
        summary=quote(read_summary(attempt)),
        decisions=describe_decisions(attempt),
        included=describe_included(replay.included, replay.left),
        carries=describe_ledger(load_ledger(attempt)),
        losses=describe_losses(find_losses(git, replay, commit)),
        notes=tuple(_notes(attempt, commit, replay, files)),
        uncommitted=_uncommitted(attempt),
    )


def _previous(replay: ReplayInput) -> str | None:
    """Return the release that the branch contained before, as upstream's web pages identify it."""
    commit = replay.previous_commit
    return commit[:12] if replay.upstream_branch and commit else replay.previous_tag


def _notes(attempt: Attempt, commit: str, replay: ReplayInput, files: list[bytes]) -> list[str]:
    git, notes = attempt.repository, []
    if not descends_from(git, commit, replay.tag_commit):
        notes.append(f"**It does not contain the tag {code(replay.tag)}.**")
    elif descends_from(git, commit, replay.head):
        notes.append(_SQUASHED)
    if not descends_from(git, commit, replay.head):
        notes.append(how_to_land(attempt, replay))
    if replay.previous_commit is not None:
        revert = find_revert(git, replay.head, replay.previous_commit)
        if revert is not None:
            notes.append(_reverted(replay, revert))
    if any(name.startswith(b".github/workflows/") for name in files):
        notes.append("It changes `.github/workflows`: pushing it needs the `workflows` permission.")
    return notes


def _reverted(replay: ReplayInput, revert: Revert) -> str:
    return (
        f"**The branch reverted the merge of {code(replay.previous_tag or '')}** in {code(revert.commit[:12])}:"
        " git still counts it as merged, so what that release brought is not part of this pull request. If you want"
        f" it, revert the revert first: {code(f'git revert {revert.commit[:12]}')}."
    )


def _uncommitted(attempt: Attempt) -> tuple[str, ...]:
    listing = read(Control(directory=attempt.layout.control).uncommitted) or b""
    # The text after the last NUL was cut. A rename's old name follows as an entry of its own,
    # without the two letters and the space.
    entries = [entry for entry in listing.split(b"\0")[:-1] if entry[2:3] == b" "]
    return tuple(entry[3:].decode(errors="surrogateescape") for entry in entries)


def _ensure(attempt: Attempt, title: str, body: str) -> PullRequest:
    base = attempt.contract.config.downstream.branch
    found = attempt.forge.find_pull_request(attempt.sync_branch, base=base)
    if found is None or found.state is not PullRequestState.OPEN:
        return open_new(
            attempt,
            attempt.forge,
            branch=attempt.sync_branch,
            base=base,
            title=title,
            body=sign(title, body),
        )
    finish(attempt, attempt.forge, found)
    keeps_title, keeps_body = edited(found.title, found.body)
    signed = sign(title, body)
    new_title = None if keeps_title or found.title == title else title
    new_body = None if keeps_body or found.body == signed else signed
    if new_title is None and new_body is None:
        return found
    return attempt.forge.update_pull_request(found.number, title=new_title, body=new_body)


def _tell_foreign(attempt: Attempt, error: ForeignCommit) -> Result:
    """Report once, on the pull request, that a person's commit blocks us."""
    mark = f"{FOREIGN_MARK} {error.commit} -->"
    base = attempt.contract.config.downstream.branch
    found = attempt.forge.find_pull_request(attempt.sync_branch, base=base)
    if found is not None and not any(
        mark in comment.body for comment in attempt.forge.list_comments(found.number)
    ):
        attempt.forge.comment(
            found.number,
            f"{error} {_way_out(attempt)}\n\n{mark}",
        )
    return Result(
        outcome=Outcome.FOREIGN_COMMIT,
        reason=FOREIGN_COMMIT,
        message=f"{error} {_way_out(attempt)}",
        pull_request=found.url if found is not None else None,
    )


def _way_out(attempt: Attempt) -> str:
    if attempt.folder_forge is not None:
        url, branch = quote_word(attempt.push.url), quote_word(attempt.sync_branch)
        return (
            "Merge the branch with that commit; or delete the branch, which discards it, and run the same command again:"
            f" `git -C {url} branch -D {branch}`."
        )
    return (
        "Merge or close its pull request, or comment `/resync rebuild` on it to rebuild the branch"
        " without that commit."
    )
