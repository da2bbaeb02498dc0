"""The result of `doctor`, as data and as text. Pure."""

import json

from resync_argo.api.meta import Model
from resync_argo.local.console import visible
from resync_argo.local.preview.report import CarryForecast, Forecast
from resync_argo.local.preview.texts import summary


class Repair(Model):
    """A record that is missing.

    Attributes:
        version: the release's version; `tag` is the git tag's name, `release` its commit.
        commit: the branch's commit that seems to have brought it; `subject` is its first line.
        share: percent of the release's changed files that the branch had as the release has them.
    """

    version: str
    tag: str
    release: str
    commit: str
    subject: str
    share: int


class Cost(Model):
    """The cost of the next release for people, without and with the records.

    Attributes:
        version: which release.
        before: how many files a person must decide without the records; None: it cannot be merged.
        after: with them.
    """

    version: str
    before: int | None
    after: int | None


class CarryCost(Model):
    """The cost of carrying the fork's patches onto a release now.

    Attributes:
        version: which release.
        forecast: the result; conflicts mean a question. None if there is a problem.
        problem: why there is no forecast, as a sentence.
        refused: `problem` is the sentence with which `git carry` would refuse.
    """

    version: str
    forecast: CarryForecast | Forecast | None = None
    problem: str = ""
    refused: bool = False


class Checkup(Model):
    """The result of `doctor`.

    Attributes:
        contained: the newest release in the branch, as syncs see it now.
        records: how many valid records there are.
        repairs: the missing records.
        cost: of the next release; None if none comes next or nothing is missing.
        carries: the cost of each of the next releases, if the Plan carries patches.
        notes: what else was noticed, as sentences.
        written: the missing records were written.
    """

    plan: str
    upstream: str
    downstream: str
    branch: str
    contained: str | None
    records: int
    repairs: tuple[Repair, ...] = ()
    cost: Cost | None = None
    carries: tuple[CarryCost, ...] = ()
    notes: tuple[str, ...] = ()
    written: bool = False

    def to_json(self) -> str:
        """Return all fields, absent ones as null."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=2)

    def describe(self) -> str:
        """Return the result as text for people."""
        has = f"contains {self.contained}" if self.contained else "contains no release of its range"
        lines = [
            f"{self.plan}: {self.upstream} into {self.downstream} {self.branch}, which {has}",
            *self.notes,
        ]
        if self.carries:
            lines += ["", "Carried patches on each release to come, as the branch is now:"]
            lines += [f"  {it.version}: {_carried(it)}" for it in self.carries]
        if not self.repairs:
            healthy = "No release seems to have been squashed without a record."
            return "\n".join([*lines, "", healthy])
        lines += ["", "Without their history, as by a squash:"]
        for it in self.repairs:
            lines.append(
                f'  {it.version} ({it.tag}) by {it.commit[:12]} "{it.subject}", which has {it.share} % of the'
                " files that it changed"
            )
        if self.cost is not None:
            without, then = _files(self.cost.before), _files(self.cost.after)
            lines += [
                "",
                f"{self.cost.version}: {without} without these records, {then} with them.",
            ]
        done = "The records are written." if self.written else "`--write` writes the records."
        return "\n".join([*lines, "", done])


def _files(count: int | None) -> str:
    if count is None:
        return "no merge"
    return f"{count} file{'' if count == 1 else 's'} to resolve"


def _carried(cost: CarryCost) -> str:
    if cost.forecast is None:
        return f"{'`git carry` refuses: ' if cost.refused else ''}{visible(cost.problem)}"
    questions = "one question" if cost.forecast.conflicts else "no question"
    return f"{questions}; {summary(cost.forecast)}"
