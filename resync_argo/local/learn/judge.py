"""Applies rules to past bumps with the code of forecasts and runs, and counts the results."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from resync_argo.api.plan import ConflictRule, Regenerate
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.quoting import quote
from resync_argo.contract import Contract
from resync_argo.git import Git
from resync_argo.local.learn.lesson import Counts, Otherwise, Verdict
from resync_argo.local.learn.replay import Replayed


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The result of bumps under proposed rules beside the Plan's.

    Attributes:
        counts: of all rules together.
        verdicts: of each rule.
    """

    counts: Counts
    verdicts: tuple[Verdict, ...]


@dataclass
class _Tally:
    settled: int = 0
    otherwise: list[Otherwise] = field(default_factory=list)


def judge(
    git: Git,
    contract: Contract,
    options: MergeOptions,
    rules: Sequence[ConflictRule],
    replayed: Sequence[Replayed],
    steps: Collection[Regenerate] = (),
) -> Judgement:
    """Return the result of bumps under more rules, placed behind the Plan's own.

    Args:
        git: the clone.
        contract: the Plan.
        options: how it merges.
        rules: the additional rules.
        replayed: the bumps.
        steps: the additional steps.

    Raises:
        GitError: an object is missing.
    """
    config = contract.config
    given = len(config.conflicts)
    more = config.model_copy(update={"conflicts": (*config.conflicts, *rules)})
    with_more = contract.model_copy(update={"config": more})
    tallies = [_Tally() for _ in rules]
    nobody = with_steps = 0
    for it in replayed:
        asked = {file.path for file in it.asked}
        alone = it.decide(git, with_more, options)
        decided = {one.path for one in alone.untouched}
        decided |= {one.conflict.path.path for one in alone.ruled}
        decided |= {one.conflict.path.path for one in alone.remaking.settled}
        left = [file for file in it.files if file.path not in decided]
        nobody += not left
        with_steps += all(file.remade in steps for file in left)
        for one in alone.ruled:
            if one.number > given:
                tally, path = tallies[one.number - given - 1], one.conflict.path.path
                tally.settled += path in asked
                if not it.ended.has(one.result):
                    tally.otherwise.append(Otherwise(tag=it.bump.tag, path=quote(path)))
    counts = Counts(
        settled=sum(it.settled for it in tallies),
        otherwise=sum(len(it.otherwise) for it in tallies),
        nobody=nobody,
        with_steps=with_steps,
    )
    verdicts = [Verdict(settled=it.settled, otherwise=tuple(it.otherwise)) for it in tallies]
    return Judgement(counts=counts, verdicts=tuple(verdicts))
