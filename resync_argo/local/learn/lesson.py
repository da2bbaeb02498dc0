"""The result of `learn`, as data. Pure."""

from typing import Any

from resync_argo.api.meta import Model
from resync_argo.api.plan import Regenerate


class Otherwise(Model):
    """A file that would have been decided differently than by people, in the bump to a release."""

    tag: str
    path: str


class Verdict(Model):
    """How a rule did on bumps that it was not learned from.

    Attributes:
        settled: files that people were asked about, and that it decides.
        otherwise: files that it decides otherwise than people did.
    """

    settled: int = 0
    otherwise: tuple[Otherwise, ...] = ()


class ProposedRule(Model):
    """A rule for `config.conflicts`.

    Attributes:
        rule: as a Plan has it.
        learned: from how many files; `bumps` in how many bumps.
        judged: how it did later.
        recommended: it decided nothing otherwise.
    """

    rule: dict[str, Any]
    learned: int
    bumps: int
    judged: Verdict
    recommended: bool


class ProposedStep(Model):
    """A step that regenerates files.

    Attributes:
        regenerate: as a Plan has it.
        settled: files that people were asked about, and that it would take over, of all bumps.
        bumps: in how many bumps.
        beside: in how many bumps people made such files again though nothing was in conflict there.
    """

    regenerate: Regenerate
    settled: int
    bumps: int
    beside: int


class Counts(Model):
    """What came of bumps by some rules.

    Attributes:
        settled: files that people were asked about, and that the rules decide.
        otherwise: those that they decide otherwise than people.
        nobody: bumps that need nobody for a conflict; `with_steps` those where the proposed steps take over what is left.
    """

    settled: int = 0
    otherwise: int = 0
    nobody: int = 0
    with_steps: int = 0


class Part(Model):
    """Bumps one after the other.

    Attributes:
        bumps: how many; `first` and `last` are their git tags.
        asked: files that people were asked about by the Plan as it is.
        nobody: bumps that needed nobody for a conflict.
    """

    bumps: int = 0
    first: str = ""
    last: str = ""
    asked: int = 0
    nobody: int = 0


class Decided(Model):
    """What the Plan decides as it is.

    Attributes:
        files: how many.
        otherwise: those that people decided otherwise.
    """

    files: int = 0
    otherwise: tuple[Otherwise, ...] = ()


class Unread(Model):
    """A bump without a lesson, and the reason."""

    tag: str
    why: str


class Lesson(Model):
    """All that `learn` has to say.

    Attributes:
        whole: all bumps that could be read; `older` is what was learned from, `newer` what it was judged by.
        conflicts: files in conflict in all of them.
        by_rules: what rules of the Plan decide; `untouched` what downstream never changed.
        by_steps: files that steps of the Plan make again.
        unread: bumps that teach nothing.
        rules: what is proposed, in the order in which a Plan should have it.
        steps: likewise.
        learned: what came of the newer bumps by all rules, `recommended` by the recommended ones.
        yaml: what may be pasted.
        notes: what else is to be known, as sentences.
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
