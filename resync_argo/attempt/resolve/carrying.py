"""Answers `git carry`: lists downstream's own commits, decides, merges once, and picks them again.

Only one merge can ask people: that of upstream with the result of the kept commits. Then the
commits are picked on a merge that has only upstream's files, together with what rules and people
decided. So a rebase asks at most once, and downstream's history fast-forwards.
"""

from dataclasses import replace

from resync_argo.attempt.carry.again import (
    Judged,
    Wanted,
    judge_carried,
    pick_again,
    refuse_unclear,
    state_of,
)
from resync_argo.attempt.carry.included import include, save_included
from resync_argo.attempt.carry.ledger import Ledger, log_lines, save_ledger
from resync_argo.attempt.carry.picking import Words, write_commit
from resync_argo.attempt.carry.rounds import find_round
from resync_argo.attempt.carry.state import unclear_conflicts
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.conflicts import merge_sides
from resync_argo.attempt.merge.options import (
    Call,
    MergeOptions,
    is_strategy_option,
    merge_options,
)
from resync_argo.attempt.merge.raw import THEIR_STAGE, Sides
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.merge.untouched import Origins
from resync_argo.attempt.repository.step_objects import descends_from, take_commits
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.proceed import Proceed
from resync_argo.attempt.resolve.request import CARRY, Request
from resync_argo.attempt.resolve.settle import Settled, apply_rules, left_over, stop_at
from resync_argo.attempt.resolve.work import Work
from resync_argo.errors import Stalled
from resync_argo.reasons.attempt import UNCLEAR_CARRY

_SINCE = "--since"
_STRATEGY_OPTIONS = ("-X", "--strategy-option=")


def settle_carry(attempt: Attempt, request: Request, people: People) -> Settled:
    """Carry the patches as far as rules and people's answers go.

    Raises:
        Stalled: `UnclearCarry`: something about a commit is uncertain; or a rule is invalid.
        Untrustworthy: the step's claims are inconsistent.
        GitError: an object is missing.
    """
    take_commits(attempt, [request.commit, request.head])
    git, replay = attempt.repository, attempt.replay_input()
    upstream = replay.tag_commit
    _check_request(attempt, request, upstream)
    if descends_from(git, request.head, upstream):
        return Settled(
            decisions=(), log=("the branch has this release already",), proceed=Proceed()
        )
    span = find_round(git, request.head, upstream, since_of(request.call))
    options = merge_options(request.call, settings=request.settings)
    committer = f"{request.committer} {replay.date} +0000".encode()
    included = None
    if replay.included:
        ends = (request.head, upstream)
        included = include(git, replay.included, ends, options, committer)
        save_included(attempt, included)
    judged = judge_carried(attempt, span, replay.tag, included)
    refuse_unclear(judged)
    work = merge_carried(attempt, judged, options, request.step, released=replay.released_commit)
    apply_rules(attempt, work, people)
    people.decide(work)
    if work.unmerged:
        return Settled(decisions=tuple(work.decisions), log=left_over(work), stop=stop_at(work))
    commit, ledger = pick_carried(attempt, judged, work, committer, people)
    save_ledger(attempt, ledger)
    log = (*work.log, *log_lines(ledger))
    return Settled(decisions=tuple(work.decisions), log=log, proceed=Proceed(commit=commit))


def _check_request(attempt: Attempt, request: Request, upstream: str) -> None:
    """Refuse invalid arguments or an invalid HEAD of `git carry`.

    Raises:
        Stalled: reason `UnclearCarry`.
    """
    if check_words(request.call) and upstream not in request.named:
        raise _misused()
    git = attempt.repository
    trees = {
        git.text("rev-parse", it) for it in (f"{request.commit}:merged", f"{request.head}^{{tree}}")
    }
    if len(trees) > 1:
        raise Stalled(
            UNCLEAR_CARRY, "The step has changes that it did not commit before `git carry`."
        )


def check_words(call: Call) -> list[str]:
    """Return the commit that a call names, if any.

    Raises:
        Stalled: reason `UnclearCarry`: it names several, has an unknown option, or one without a
            value.
    """
    named, words = list[str](), iter(call.words)
    for word in words:
        if word == _SINCE or word.startswith(f"{_SINCE}="):
            if not (next(words, "") if word == _SINCE else word.partition("=")[2]).strip():
                raise Stalled(
                    UNCLEAR_CARRY,
                    "`git carry --since` needs the commit of the last rebase's merge behind it.",
                )
        elif word.startswith(_STRATEGY_OPTIONS):
            _check_strategy(word)
        else:
            named.append(word)
    if len(named) > 1 or any(not it or it.startswith("-") for it in named):
        raise _misused()
    return named


def _check_strategy(word: str) -> None:
    option = next(it for it in _STRATEGY_OPTIONS if word.startswith(it))
    if not is_strategy_option(word.removeprefix(option)):
        raise Stalled(
            UNCLEAR_CARRY,
            f"`git carry {word[:64]}` is not clear: write an option of git's merge in the same word, such as"
            " `-Xpatience` or `-Xfind-renames=40%`.",
        )


def _misused() -> Stalled:
    return Stalled(
        UNCLEAR_CARRY,
        'Write `git carry` or `git carry "$UPSTREAM_COMMIT"`, perhaps with `--since COMMIT` or such as `-Xpatience`: it'
        " takes the release that is synced, and no other commit.",
    )


def since_of(call: Call) -> str | None:
    """Return the merge of the last rebase that a call of `git carry` names; None without one."""
    given = call.values(_SINCE, _SINCE)
    return given[-1] if given else None


def merge_carried(
    attempt: Attempt,
    judged: Judged,
    options: MergeOptions,
    step: str,
    *,
    released: str | None,
) -> Work:
    """Merge upstream with downstream's expected files; collisions remain to be decided.

    Args:
        attempt: the attempt that has the clone.
        judged: the commits and the verdicts.
        options: how to merge.
        step: the step's container.
        released: the newest release that the branch contains; None without one.

    Raises:
        Stalled: `UnclearCarry`: the histories are unrelated.
        GitError: an object is missing.
    """
    git, span = attempt.repository, judged.span
    state = state_of(git, judged, options)
    sides = Sides(ours=state.tree, theirs=span.upstream, base=span.base)
    if span.base is None:
        words = Words(author=b"resync <resync> 0 +0000", message=b"-\n")
        ours = write_commit(git, state.tree, [span.head], words, words.author)
        sides = replace(sides, ours=ours)
    merged = merge_sides(git, sides, options, upstream=THEIR_STAGE)
    unmerged = {it.path.path: it for it in merged.conflicts}
    known = {name for it in merged.conflicts for name in it.path.names}
    for it in unclear_conflicts(git, state, span.upstream):
        if it.path.path not in known:
            unmerged[it.path.path] = it
    gone = {name for it in unmerged.values() for name in (*it.raw, *it.path.names)}
    origins = None
    if released is not None:
        ends = (span.head, span.upstream)
        origins = Origins.of_merge(git, *ends, released=released, tree=state.tree)
    return Work(
        git=git,
        origins=origins,
        tree=write_tree(git, merged.raw.tree, dict.fromkeys(gone)),
        options=options,
        where=f"{CARRY} -",
        step=step,
        unmerged=unmerged,
    )


def pick_carried(
    attempt: Attempt,
    judged: Judged,
    work: Work,
    committer: bytes,
    people: People | None = None,
) -> tuple[str, Ledger]:
    """Pick the kept commits once everything is decided; return the last commit and each result.

    Args:
        attempt: the attempt that has the clone.
        judged: the commits and the verdicts.
        work: the decided merge.
        committer: who commits them, as git stores it.
        people: earlier answers, whose authors are credited in the commits that have them.

    Raises:
        Stalled: `UnclearCarry`: a commit would become empty for no known reason.
        GitError: an object is missing.
    """
    wanted = Wanted(
        tree=write_tree(work.git, work.tree, work.wanted),
        decided=frozenset(name for it in work.decisions for name in it.entries),
        options=work.options,
        committer=committer,
        people=people.by_path(work.decisions) if people is not None else {},
    )
    return pick_again(attempt, judged, wanted)
