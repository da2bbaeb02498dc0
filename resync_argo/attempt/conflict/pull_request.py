"""Publishes a conflict: pushes its two branches and opens the pull request that asks for a person.

Called by `main` where a step stopped at a conflict. Every name derives from the conflict, and
this looks for existing branches and pull requests before it makes any. So the same conflict leads
to the same pull request, whatever people have pushed to it, and their work is never overwritten.
"""

from dataclasses import replace

from resync_argo.attempt.carry.included import load_included
from resync_argo.attempt.conflict.answers import Answered, conflict_refs, load_resolutions
from resync_argo.attempt.conflict.collisions import authors_of, collisions_of
from resync_argo.attempt.conflict.decision_text import describe_decisions
from resync_argo.attempt.conflict.decisions import BY_PEOPLE, Decision, load_decisions
from resync_argo.attempt.conflict.history import (
    as_people_know,
    describe_commits,
    last_commits,
)
from resync_argo.attempt.conflict.stop import Stop
from resync_argo.attempt.conflict.table import Rows, show_path
from resync_argo.attempt.conflict.text import (
    ConflictFacts,
    Progress,
    collided_notes,
    conflict_body,
    conflict_title,
    refused_notes,
)
from resync_argo.attempt.conflict.trees import ConflictCommits, build_commits, count_files
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.record import to_push
from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.new_pull_request import finish, open_new
from resync_argo.attempt.recipe import Recipe
from resync_argo.attempt.repository.clone import PUSH, fetch_for_push
from resync_argo.attempt.repository.ownership import claim, look_for_others
from resync_argo.attempt.results import Result
from resync_argo.conflicts.record import ConflictPath, Record
from resync_argo.conflicts.resolution import STATUS_CONTEXT, read_resolution
from resync_argo.contract import MAX_ROUNDS, STOPPED_AT, Outcome
from resync_argo.errors import Stalled
from resync_argo.forge.interface import CommitState, CommitStatus, PullRequest, PullRequestState
from resync_argo.git import Git, GitError
from resync_argo.hosts.refusals import explained
from resync_argo.names import conflict_branches
from resync_argo.reasons.attempt import CONFLICT, NOT_REPRODUCIBLE, TOO_MANY_ROUNDS

_WITHOUT_DELTAS = ("-c", "pack.window=0")
"""Over HTTP, git ignores `--no-thin` and makes deltas against the branch's files, which may be missing
here. Deltas that were fetched are sent as they are."""


def publish_conflict(attempt: Attempt, stop: Stop) -> Result:
    """Ask people to resolve a conflict.

    Returns:
        The outcome `CONFLICT`; its message begins with the conflict's key.

    Raises:
        Stalled: `NotReproducible`, `TooManyRounds`, or a refusal of the forge.
        Transient: the forge or the host does not answer.
        Untrustworthy: the steps' commits cannot be used.
    """
    answered = load_resolutions(attempt)
    _check_reproducible(attempt, stop, answered)
    if len(answered) >= MAX_ROUNDS:
        raise Stalled(
            TOO_MANY_ROUNDS,
            f"People resolved {len(answered)} conflicts of this sync, and there is another; a sync"
            f" asks at most {MAX_ROUNDS} times.",
        )
    commits = build_commits(attempt, stop, _free_key(stop, answered))
    pull_request, authors = _ensure_pull_request(attempt, stop, commits, answered)
    files = count_files(len(commits.record.conflict.paths))
    container = stop.conflict.step
    where = f"{files} in conflict in step `{_title(attempt, container)}`"
    message = f"{commits.record.key} {where}: {pull_request.url}"
    return Result(
        outcome=Outcome.CONFLICT,
        reason=CONFLICT,
        message=message,
        lines=(f"{STOPPED_AT}{container}", *authors),
        pull_request=pull_request.url,
    )


def _check_reproducible(attempt: Attempt, stop: Stop, answered: tuple[Answered, ...]) -> None:
    """Refuse to ask again about a path whose versions changed although nothing else did."""
    used = {(it.by, it.path.path) for it in load_decisions(attempt) if it.kind == "resolution"}
    replay = attempt.replay_input()
    same = (replay.head, replay.tag_commit, attempt.parameters.workflow or "-")
    for one in answered:
        record = one.record
        if (
            record.head,
            record.tag,
            record.run,
        ) != same or record.conflict.where != stop.conflict.where:
            continue
        for path in stop.conflict.paths:
            if path.path in one.resolution.answers and (record.key, path.path) not in used:
                raise Stalled(
                    NOT_REPRODUCIBLE,
                    f"The step {_title(attempt, stop.conflict.step)} is not reproducible: after"
                    f" {one.merged.url} was merged, {show_path(path.path)} was in conflict with"
                    " other contents, though branch and tag are the same.",
                )


def _free_key(stop: Stop, answered: tuple[Answered, ...]) -> str:
    """Return the conflict's key; a new one if its pull request was merged but left the conflict unresolved."""
    taken = {one.record.key for one in answered}
    occurrence = 0
    while stop.conflict.key(occurrence) in taken:
        occurrence += 1
    return stop.conflict.key(occurrence)


def _ensure_pull_request(
    attempt: Attempt, stop: Stop, commits: ConflictCommits, answered: tuple[Answered, ...]
) -> tuple[PullRequest, tuple[str, ...]]:
    """Return the pull request and, if it is new, lines that say who wrote what collided."""
    forge = attempt.conflict_forge
    base, head = conflict_branches(attempt.plan, attempt.line, commits.record.key)
    found = forge.find_pull_request(head, base=base)
    if found is not None and _asks(attempt, found):
        if found.state is PullRequestState.OPEN:
            finish(attempt, forge, found)
        _push(attempt, {})
        _set_status(attempt, commits, found)
        return found, ()
    _push(attempt, {base: commits.base, head: commits.head})
    facts = _facts(attempt, stop, commits, answered)
    if found is not None and found.state is PullRequestState.MERGED:
        lost = f"{found.url} was merged, but its base branch is gone, and with it what was merged."
        facts = replace(facts, notes=(lost, *facts.notes))
    title, body = conflict_title(facts), conflict_body(facts)
    made = open_new(attempt, forge, branch=head, base=base, title=title, body=body)
    _set_status(attempt, commits, made)
    return made, authors_of(facts.rows.collisions).lines


def _asks(attempt: Attempt, found: PullRequest) -> bool:
    """Return whether a pull request is open, or was merged after checkout looked."""
    if found.state is PullRequestState.MERGED:
        return f"refs/heads/{found.base_branch}" in conflict_refs(attempt)
    return found.state is PullRequestState.OPEN


def _set_status(attempt: Attempt, commits: ConflictCommits, found: PullRequest) -> None:
    """Report what is unresolved as a status of our own commit; the controller does so for people's commits."""
    if found.state is not PullRequestState.OPEN or found.head_commit != commits.head:
        return
    left = read_resolution(attempt.repository, commits.record, commits.base, commits.head)
    state = CommitState.SUCCESS if left.is_complete else CommitState.FAILURE
    status = CommitStatus(
        context=STATUS_CONTEXT,
        state=state,
        description=left.description,
        url=attempt.contract.run_url,
    )
    attempt.conflict_forge.set_commit_status(commits.head, status)


def _push(attempt: Attempt, branches: dict[str, str]) -> None:
    """Push the missing branches; an existing one may hold a person's work."""
    record = to_push(attempt, "Asked")
    if not branches and not record:
        return
    there = conflict_refs(attempt)
    missing = {
        f"refs/heads/{name}": commit
        for name, commit in branches.items()
        if f"refs/heads/{name}" not in there
    }
    if not missing and not record:
        return
    if attempt.push != attempt.downstream:
        for commit in (missing | record).values():
            fetch_for_push(attempt, commit, there.values())
    claimed = look_for_others(attempt) or ""
    leases = [
        *(f"--force-with-lease={name}:" for name in missing),
        f"--force-with-lease={attempt.owner_ref}:{claimed}",
        f"--force-with-lease={attempt.include_ref}:{attempt.replay_input().include_record}",
    ]
    wanted = missing | record | claim(attempt)
    refspecs = [f"{commit}:{name}" for name, commit in wanted.items()]
    options = ("--quiet", "--atomic", "--no-thin", *leases)
    argv = (*_WITHOUT_DELTAS, "push", *options, "--", PUSH, *refspecs)
    with explained(attempt.push, PUSH):
        attempt.published.run(*argv, remote=attempt.push)


def _facts(
    attempt: Attempt, stop: Stop, commits: ConflictCommits, answered: tuple[Answered, ...]
) -> ConflictFacts:
    replay, config = attempt.replay_input(), attempt.contract.config
    record = commits.record
    paths = [path.path for path in record.conflict.paths]
    is_carry = record.conflict.operation == "carry"
    included = load_included(attempt) if is_carry else None
    ends = (included.tip if included else replay.head, replay.tag_commit)
    git = attempt.repository
    last = last_commits(git, ends[0], ends[1], paths)
    return ConflictFacts(
        record=record,
        upstream=config.upstream.name,
        version=attempt.version,
        branch=config.downstream.branch,
        branch_of=config.downstream.name,
        step=_title(attempt, record.conflict.step),
        recipe=Recipe.of(
            plan=attempt.plan,
            line=attempt.line,
            key=record.key,
            url=attempt.shown_push or attempt.push.url,
            folder=attempt.folder_forge,
        ),
        rows=Rows(
            paths=record.conflict.paths,
            downstream={path: as_people_know(it, included) for path, it in last.items()},
            upstream=last_commits(git, ends[1], ends[0], paths),
            repositories=(config.downstream.name, config.upstream.name),
            collisions=collisions_of(attempt, stop, record, included),
            untouched=_untouched(attempt, record),
            previous=replay.previous_tag,
            proposed=commits.proposed,
        ),
        shown=commits.shown,
        base=commits.base,
        marked=commits.marked,
        progress=_progress(git, stop),
        decisions=describe_decisions(attempt),
        notes=(
            *stop.notes,
            *refused_notes(commits.refused),
            *_notes(record.conflict.paths, answered, load_decisions(attempt)),
            *collided_notes(record.conflict.paths, included, config.downstream.branch),
        ),
        run_url=attempt.contract.run_url,
    )


def _untouched(attempt: Attempt, record: Record) -> frozenset[bytes]:
    """Return the paths that are the same in downstream and in the newest release that it contains."""
    released_as = attempt.replay_input().previous_commit
    own = {name: entry for path in record.conflict.paths for name, entry in path.downstream.items()}
    try:
        released = pick_entries(attempt.repository, released_as, own) if released_as else {}
    except GitError:
        return frozenset()
    same = {name for name, entry in own.items() if released.get(name) == entry}
    return frozenset(
        path.path
        for path in record.conflict.paths
        if path.downstream and path.downstream.keys() <= same
    )


def _progress(git: Git, stop: Stop) -> Progress | None:
    if stop.picked is None or stop.conflict.operation not in ("rebase", "cherry-pick", "revert"):
        return None
    commit = describe_commits(git, [stop.picked]).get(stop.picked)
    number, total = stop.progress or (0, 0)
    return Progress(commit=commit, number=number, total=total) if commit else None


def _notes(
    paths: tuple[ConflictPath, ...],
    answered: tuple[Answered, ...],
    decisions: tuple[Decision, ...],
) -> tuple[str, ...]:
    """List the paths that people were asked about before, and why they are asked again."""
    used = {(it.by, it.path.path) for it in decisions if it.kind in BY_PEOPLE}
    asked = {path.path for path in paths}
    notes = []
    for one in answered:
        for path in paths:
            if path.path in one.resolution.left:
                notes.append(f"{show_path(path.path)} was left unresolved in {one.merged.url}.")
            elif path.path in one.resolution.answers and (one.record.key, path.path) not in used:
                notes.append(
                    f"{show_path(path.path)} was resolved in {one.merged.url}, but the branch has"
                    " moved since, and the resolution no longer applies."
                )
        notes += [
            f"{show_path(change.path)} was changed in {one.merged.url}, too, but that change no longer applies."
            for change in one.resolution.changes
            if change.path in asked and (one.record.key, change.path) not in used
        ]
    return tuple(notes)


def _title(attempt: Attempt, container: str) -> str:
    titles = (step.title for step in attempt.contract.steps if step.container == container)
    return next(titles, container)
