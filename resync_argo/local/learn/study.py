"""Learns on the older bumps, judges on the rest, and counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.quoting import quote
from resync_argo.contract import Contract
from resync_argo.git import Git
from resync_argo.local.learn.judge import judge
from resync_argo.local.learn.lesson import Decided, Lesson, Otherwise, Part, ProposedRule, Verdict
from resync_argo.local.learn.pasting import as_yaml, fields_of
from resync_argo.local.learn.propose import ENOUGH, Proposal, propose, with_guard
from resync_argo.local.learn.replay import By, Replayed
from resync_argo.local.learn.steps import propose_steps


def study(
    git: Git, contract: Contract, options: MergeOptions, replayed: Sequence[Replayed]
) -> dict[str, Any]:
    """Return what the bumps teach, as fields of a `Lesson`.

    Args:
        git: the clone.
        contract: the Plan.
        options: how it merges.
        replayed: oldest first.

    Raises:
        GitError: an object is missing.
    """
    older, newer = _parts(replayed)
    ordered = with_guard(propose(older))
    rules = [it.rule if isinstance(it, Proposal) else it for it in ordered]
    judged = judge(git, contract, options, rules, newer)
    proposed = [
        _proposed(it, verdict)
        for it, verdict in zip(ordered, judged.verdicts, strict=True)
        if isinstance(it, Proposal)
    ]
    proposals = [it for it in ordered if isinstance(it, Proposal)]
    good = [it for it, one in zip(proposals, proposed, strict=True) if one.recommended]
    kept = [it.rule if isinstance(it, Proposal) else it for it in with_guard(good)]
    steps = tuple(propose_steps(replayed))
    made = [it.regenerate for it in steps]
    recommended = judge(git, contract, options, kept, newer, made)
    lesson = Lesson(
        plan="",
        upstream="",
        downstream="",
        branch="",
        whole=_part(replayed),
        older=_part(older),
        newer=_part(newer),
        conflicts=sum(len(it.files) for it in replayed),
        by_rules=_decided(replayed, "rule"),
        untouched=_decided(replayed, "untouched"),
        by_steps=_decided(replayed, "step").files,
        rules=tuple(proposed),
        steps=steps,
        learned=judged.counts,
        recommended=recommended.counts,
        yaml=as_yaml([(it, _numbers(it, proposed)) for it in kept], made),
    )
    return {
        name: getattr(lesson, name)
        for name in lesson.model_fields_set
        if getattr(lesson, name) != ""
    }


def _parts(replayed: Sequence[Replayed]) -> tuple[Sequence[Replayed], Sequence[Replayed]]:
    """Return the older bumps, with half of those that asked people something, and the rest."""
    places = [place for place, it in enumerate(replayed) if it.asked]
    if not places:
        return replayed, ()
    half = min(max((len(places) + 1) // 2, ENOUGH), len(places))
    end = places[half - 1] + 1
    return replayed[:end], replayed[end:]


def _proposed(it: Proposal, verdict: Verdict) -> ProposedRule:
    return ProposedRule(
        rule=fields_of(it.rule),
        learned=it.files,
        bumps=it.bumps,
        judged=verdict,
        recommended=verdict.settled > 0 and not verdict.otherwise,
    )


def _numbers(rule: ConflictRule, proposed: Sequence[ProposedRule]) -> str:
    """Return the evidence for a rule in a few words."""
    for it in proposed:
        if it.rule == fields_of(rule):
            return f"learned from {it.learned} in {it.bumps} bumps, then {it.judged.settled} settled, 0 differently from you"
    return "you alone decide who may approve, whatever else comes from upstream"


def _part(replayed: Sequence[Replayed]) -> Part:
    if not replayed:
        return Part()
    return Part(
        bumps=len(replayed),
        first=replayed[0].bump.tag,
        last=replayed[-1].bump.tag,
        asked=sum(len(it.asked) for it in replayed),
        nobody=sum(not it.asked for it in replayed),
    )


def _decided(replayed: Sequence[Replayed], by: By) -> Decided:
    files = [(it.bump.tag, file) for it in replayed for file in it.files if file.by == by]
    return Decided(files=len(files), otherwise=tuple(_otherwise(files)))


def _otherwise(files: Sequence[tuple[str, Any]]) -> Iterator[Otherwise]:
    return (Otherwise(tag=tag, path=quote(it.path)) for tag, it in files if it.right is False)
