"""Syncs one bump by several Plans, and judges each by what the maintainers did.

Their merge counts, and the end of their pull request: what people corrected or added there belongs to the bump.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resync_argo.api.plan import Downstream, GitHub, Plan, Upstream
from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.local.history.bumps import Bump
from resync_argo.local.preview.forecast import merge_tree
from tests.history.replay import BRANCH, HOST, Stage


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A file that was decided otherwise than people did.

    Attributes:
        path: which.
        lines: how many differ from what people merged or from what they ended with, whichever are fewer; 0 where
            only a mode does, or git takes the file for binary.
        was_in_conflict: whether git could not merge it; if it could, a step made it.
    """

    path: str
    lines: int
    was_in_conflict: bool


@dataclass(frozen=True, kw_only=True)
class Way:
    """What came of a bump by one Plan.

    Attributes:
        outcome: how the run ended: `Synced` where it needed nobody.
        message: why it did not.
        asked: files that are left to people.
        decided: files that were decided without them: in conflict, or made by a step.
        wrong: those of them that are neither as the maintainers merged them nor as their pull request ended.
        is_complete: whether all files are as at the end of their pull request.
    """

    outcome: str
    message: str
    asked: tuple[str, ...]
    decided: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of a bump by each Plan.

    Attributes:
        bump: which.
        conflicts: files that plain git cannot merge.
        ways: by the Plan's name.
    """

    bump: Bump
    conflicts: tuple[str, ...]
    ways: dict[str, Way]


def judge(stage: Stage, bump: Bump, plans: Mapping[str, Plan]) -> Judged:
    """Sync a bump by each Plan.

    Args:
        stage: both repositories.
        bump: which.
        plans: by name; what they follow and where is replaced by the bump.

    Raises:
        GitError: a clone lacks an object of the merge itself.
    """
    tree, conflicted = merge_tree(stage.both(), bump.parent, bump.tag_commit)
    ways: dict[str, Way] = {}
    for name, plan in plans.items():
        same = (it for it in ways if not conflicted and _differ_in_conflicts(plans[it], plan))
        known = next(same, None)
        ways[name] = ways[known] if known else _by(stage, bump, plan, tree, frozenset(conflicted))
    return Judged(bump=bump, conflicts=tuple(map(quote, conflicted)), ways=ways)


def _differ_in_conflicts(one: Plan, other: Plan) -> bool:
    """Return whether two Plans can only differ in what becomes of conflicts."""
    settings = {"conflicts": (), "untouched": "Ask"}
    configs = [it.spec.config.model_copy(update=settings) for it in (one, other)]
    return configs[0] == configs[1] and one.spec.steps == other.spec.steps


def _by(stage: Stage, bump: Bump, plan: Plan, tree: str, conflicted: frozenset[bytes]) -> Way:
    stage.reset(bump.parent)
    outcome = stage.run(bump, placed(plan, bump))
    asked = {unquote(name) for name in outcome.conflict.files} if outcome.conflict else set()
    result = outcome.conflict.base if outcome.conflict else outcome.commit
    decided, wrong, is_complete = set[bytes](), tuple[Wrong, ...](), False
    if result is not None:
        made = set() if outcome.conflict else stage.differing(tree, result) - conflicted
        # What waits for a step is not decided where the run stopped before it.
        waiting = stage.for_steps if outcome.conflict else set()
        decided = set(conflicted - asked - waiting) | made
        at_end = stage.differing(result, bump.end)
        otherwise = decided & at_end & stage.differing(result, bump.merge)
        wrong = tuple(_wrong(stage, bump, result, otherwise, conflicted))
        is_complete = not at_end
    return Way(
        outcome=outcome.outcome,
        message=outcome.message,
        asked=_quoted(asked),
        decided=_quoted(decided),
        wrong=wrong,
        is_complete=is_complete,
    )


def _wrong(
    stage: Stage, bump: Bump, result: str, names: set[bytes], conflicted: frozenset[bytes]
) -> Iterator[Wrong]:
    counts = [stage.lines(result, it) for it in (bump.merge, bump.end)] if names else []
    for name in sorted(names):
        lines = min(it.get(name, 0) for it in counts)
        yield Wrong(path=quote(name), lines=lines, was_in_conflict=name in conflicted)


def placed(plan: Plan, bump: Bump) -> Plan:
    """Return a Plan that syncs a bump alone, between the stage's repositories."""
    changed = {
        "upstream": Upstream(name=f"{HOST}/upstream", matched_versions=(bump.version,)),
        "downstream": Downstream(name=f"{HOST}/downstream", branch=BRANCH),
        "github": GitHub.parse({"credentials": {"secretSelector": "unused"}}),
        "enable_prereleases": True,
        "order": "Sequential",
        "slack": None,
    }
    config = plan.spec.config.model_copy(update=changed)
    steps = tuple(
        it for it in plan.spec.steps if it.action is None or it.action.type == "pull-request"
    )
    spec = plan.spec.model_copy(update={"config": config, "steps": steps})
    return plan.model_copy(update={"spec": spec})


def _quoted(names: set[bytes]) -> tuple[str, ...]:
    return tuple(quote(name) for name in sorted(names))
