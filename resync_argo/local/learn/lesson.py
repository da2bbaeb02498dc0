"""The result of `learn`, as data. Pure."""

from typing import Any

from resync_argo.api.meta import Model
from resync_argo.api.plan import Regenerate


class Otherwise(Model):
    """A file that rules would have decided differently from people, in the bump to a release."""

    tag: str
    path: str


class Verdict(Model):
    """A rule's results on bumps that it was not learned from.

    Attributes:
        settled: files that people were asked about and that it decides.
        otherwise: files that it decides differently from people.
    """

    settled: int = 0
    otherwise: tuple[Otherwise, ...] = ()


class ProposedRule(Model):
    """A rule for `config.conflicts`.

    Attributes:
        rule: the entry for a Plan.
        learned: how many files it was learned from; `bumps` in how many bumps.
        judged: its results on later bumps.
        recommended: it decided nothing differently.
    """

    rule: dict[str, Any]
    learned: int
    bumps: int
    judged: Verdict
    recommended: bool


class ProposedStep(Model):
    """A step that regenerates files.

    Attributes:
        regenerate: the entry for a Plan.
        settled: files of all bumps that people were asked about and that it would take over.
        bumps: in how many bumps.
        beside: in how many bumps people regenerated such files although they had no conflict.
    """

    regenerate: Regenerate
    settled: int
    bumps: int
    beside: int


class Counts(Model):
    """The result of bumps under some rules.

    Attributes:
        settled: files that people were asked about and that the rules decide.
        otherwise: those that they decide differently from people.
        nobody: bumps in which no conflict needs a person; `with_steps` counts those in which the
            proposed steps take over the rest, too.
    """

    settled: int = 0
    otherwise: int = 0
    nobody: int = 0
    with_steps: int = 0


class Part(Model):
    """A run of successive bumps.

    Attributes:
        bumps: how many; `first` and `last` are their git tags.
        asked: files that people were asked about under the present Plan.
        nobody: bumps in which no conflict needed a person.
    """

    bumps: int = 0
    first: str = ""
    last: str = ""
    asked: int = 0
    nobody: int = 0


class Decided(Model):
    """What the present Plan decides.

    Attributes:
        files: how many.
        otherwise: those that people decided differently.
    """

    files: int = 0
    otherwise: tuple[Otherwise, ...] = ()


class Unread(Model):
    """A bump that teaches nothing, and the reason."""

    tag: str
    why: str


class Lesson(Model):
    """The result of `learn`.

    Attributes:
        whole: all readable bumps; rules were learned on `older` and judged on `newer`.
        conflicts: how many files were in conflict in all of them.
        by_rules: files that the Plan's rules decide; `untouched` those that downstream never
            changed.
        by_steps: files that the Plan's steps regenerate.
        unread: bumps that teach nothing.
        rules: the proposed ones, in the order in which a Plan should have them.
        steps: likewise.
        learned: the result of the newer bumps under all rules; `recommended` under the recommended
            ones.
        yaml: the text to paste into the Plan.
        notes: what else you should know, as sentences.
    """

    plan: str
    upstream: str
    downstream: str
    branch: str
    whole: Part = Part()
    older: Part = Part()
    newer: Part = Part()
    conflicts: int = 0
    by_rules: Decided = Decided()
    untouched: Decided = Decided()
    by_steps: int = 0
    unread: tuple[Unread, ...] = ()
    rules: tuple[ProposedRule, ...] = ()
    steps: tuple[ProposedStep, ...] = ()
    learned: Counts = Counts()
    recommended: Counts = Counts()
    yaml: str = ""
    notes: tuple[str, ...] = ()
