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
        untouched: conflicted files that downstream never changed, of which upstream's version is
            taken.
        by_steps: conflicted files that are settled because a step regenerates them.
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
        carried: how many of the fork's own commits would come again.
        included: how many commits of pull requests would come along.
        dropped: how many the Plan, or what they do, leaves out.
        landed: how many upstream has by now.
    """

    carried: int
    included: int = 0
    dropped: int
    landed: int


class Person(Model):
    """An author of colliding lines, and in how many places."""

    name: str
    places: int


class Release(Model):
    """A release that the Plan wants.

    Attributes:
        version: its version; `tag` is the git tag's name.
        standing: `Contained`, `Submit` (its turn), `Wait` or `Skip`.
        reason: one CamelCase word; `message` is a sentence.
        due_time: when its turn comes, where time alone decides (RFC 3339 in UTC).
        forecast: of those that are due; None where nobody looked, or where there is a problem.
        problem: why there is no forecast, as a sentence.
        refused: it is the sentence with which `git carry` would refuse.
        people: who wrote downstream's lines of the places in conflict, most of them first: whose time it
            will need.
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
    """All that `preview` has to say; releases are oldest first.

    Attributes:
        rebases: the steps rebase, and forecasts are of a merge all the same.
        parameters: wait for values of each release.
        included: the pull requests that come along with the next one.
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
