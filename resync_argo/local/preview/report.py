"""The result of `preview`, as data. Pure."""

from resync_argo.api.include import IncludedPull
from resync_argo.api.meta import Model
from resync_argo.api.parameters.parameter import Parameter


class Forecast(Model):
    """The result of merging a release into the current branch, or of carrying the branch's patches onto it.

    Attributes:
        commits: how many upstream commits are new.
        files: how many files of the branch would change, conflicted ones included.
        conflicts: the files that a person would be asked about.
        by_rules: conflicted files that the Plan's rules settle.
        untouched: conflicted files that downstream never changed, so upstream's version is taken.
        by_steps: conflicted files that a step regenerates.
    """

    commits: int
    files: int
    conflicts: tuple[str, ...] = ()
    by_rules: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    by_steps: tuple[str, ...] = ()


class CarryForecast(Forecast):
    """The result of `git carry` for a release.

    Attributes:
        carried: how many of the fork's own commits would be carried.
        included: how many commits of pull requests would be included.
        dropped: how many would be left out, because of the Plan or of what they change.
        landed: how many upstream has by now.
    """

    carried: int
    included: int = 0
    dropped: int
    landed: int


class Person(Model):
    """An author of conflicting lines, and in how many places."""

    name: str
    places: int


class Release(Model):
    """A release that the Plan wants.

    Attributes:
        version: its version; `tag` is the git tag's name.
        standing: `Contained`, `Submit` (its turn), `Wait` or `Skip`.
        reason: one CamelCase word; `message` is a sentence.
        due_time: when its turn comes, if only time decides (RFC 3339 in UTC).
        forecast: for releases that are due; None if there was no look or a problem.
        problem: why there is no forecast, as a sentence.
        refused: `problem` is the sentence with which `git carry` would refuse.
        people: the authors of downstream's conflicting lines, most lines first: those whose time it
            needs.
    """

    version: str
    tag: str
    standing: str
    reason: str = ""
    message: str = ""
    due_time: str | None = None
    forecast: CarryForecast | Forecast | None = None
    problem: str = ""
    refused: bool = False
    people: tuple[Person, ...] = ()


class LeftOut(Model):
    """A git tag that is not a release for this Plan, and why."""

    tag: str
    reason: str
    message: str


class PreviewReport(Model):
    """The result of `preview`; releases are oldest first.

    Attributes:
        rebases: the steps rebase, although forecasts are of a merge.
        parameters: the parameters that wait for a value for each release.
        included: the pull requests that the next release includes.
        include_problem: why these are not known.
    """

    plan: str
    upstream: str
    downstream: str
    branch: str
    contained: str | None
    rebases: bool = False
    releases: tuple[Release, ...]
    left_out: tuple[LeftOut, ...]
    parameters: tuple[Parameter, ...] = ()
    included: tuple[IncludedPull, ...] = ()
    include_problem: str = ""
