"""What every part of an attempt receives: the Plan, the run, the paths, and the connections.

`entry` makes one `Attempt` per trusted container (and a local run one for all of them) and hands it
to `checkout`, the actions, `main`, and to what they call. It does no I/O by itself. The forge and
Slack are connected at first use, since importing their clients costs time and memory that a clean
checkout need not spend. What `checkout` saw of the two repositories is a `ReplayInput`, saved in
the volume that only trusted containers mount.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from resync_argo.api.include import IncludedPull
from resync_argo.api.meta import Model
from resync_argo.api.parameters.values import from_json
from resync_argo.api.plan import RepositoryName
from resync_argo.contract import Contract, Layout
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.interface import Forge
from resync_argo.git import Git, Remote
from resync_argo.names import (
    COMMITTER_EMAIL,
    COMMITTER_NAME,
    include_ref,
    owner_ref,
    record_ref,
    sync_branch,
)
from resync_argo.notify.interface import Notifier
from resync_argo.reasons.attempt import INVALID_PARAMETER


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What distinguishes this run from others of the same template.

    Attributes:
        tag: the upstream version, for example `1.21.2`.
        ref: the tag's full name upstream, `refs/tags/…` or `refs/heads/…`; None for a run submitted
            by hand.
        commit: the commit that the tag must have; None likewise.
        force: sync even a release that the branch seems to contain (a person asked for it).
        attempt: counts the attempts of one Workflow, from 1.
        workflow: the Workflow's name.
        owner: distinguishes the Plan from Plans of the same name in other namespaces and clusters;
            "" for a run submitted by hand.
        values: values of the Plan's parameters that people set, by name.
    """

    tag: str
    ref: str | None = None
    commit: str | None = None
    force: bool = False
    attempt: int = 1
    workflow: str = ""
    owner: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read `RESYNC_TAG`, `_REF`, `_COMMIT`, `_FORCE`, `_OWNER`, `_VALUES`, `_ATTEMPT` and `_WORKFLOW`.

        Raises:
            ResyncError: no tag is given, the attempt's number is not a number, or the values cannot
                be read.
        """
        tag, attempt = environ.get("RESYNC_TAG", ""), environ.get("RESYNC_ATTEMPT", "1")
        if not tag:
            raise Stalled(
                INVALID_PARAMETER, "The run has no version: submit it with `-p tag=1.2.3`."
            )
        if not attempt.isdecimal():
            raise Stalled(INVALID_PARAMETER, f"RESYNC_ATTEMPT is {attempt!r}, not a number.")
        return cls(
            tag=tag,
            ref=environ.get("RESYNC_REF") or None,
            commit=environ.get("RESYNC_COMMIT") or None,
            force=environ.get("RESYNC_FORCE", "").lower() == "true",
            attempt=int(attempt),
            workflow=environ.get("RESYNC_WORKFLOW", ""),
            owner=environ.get("RESYNC_OWNER", ""),
            values=from_json(environ.get("RESYNC_VALUES", "")),
        )


class ReplayInput(Model):
    """What checkout saw: the replay's input, the same for every container of the attempt.

    Attributes:
        head: commit of the downstream branch.
        tag: the git tag's name, for example `v1.21.2`.
        upstream_branch: the commit's branch, if it is not a tag's commit; `tag` then names it in
            the clone.
        tag_commit: the commit that it names, peeled.
        version: the version that it stands for.
        date: when the tag's commit was made, in seconds since 1970 (UTC); every commit of the
            attempt has this date, so that a replay makes the same commits.
        previous_tag: name of the newest tag of the Plan's range that the branch contains, or None.
        previous_version: the version that it stands for, or None.
        previous_commit: the commit that it names, or None.
        released_tag: name of the newest release of any range that the branch contains, or None.
        released_commit: the commit that it names, or None.
        contained_commits: the commits of all releases that the branch contains.
        merge_bases: the best common ancestors of head and tag; none for unrelated histories.
        already_synced: why there is nothing to do, as a sentence; None if there is work.
        asks_at_once: the first step's merge leaves a conflict to people, so no step runs.
        rounds: how many conflict pull requests of this sync people have answered.
        included: the included pull requests, in order of number.
        left: sentences about those that were included last time but are not now.
        include_record: the commit that recorded them before this attempt; "" without one.
    """

    head: str
    tag: str
    upstream_branch: str | None = None
    tag_commit: str
    version: str
    date: int
    previous_tag: str | None = None
    previous_version: str | None = None
    previous_commit: str | None = None
    released_tag: str | None = None
    released_commit: str | None = None
    contained_commits: tuple[str, ...] = ()
    merge_bases: tuple[str, ...] = ()
    already_synced: str | None = None
    asks_at_once: bool = False
    rounds: int = 0
    included: tuple[IncludedPull, ...] = ()
    left: tuple[str, ...] = ()
    include_record: str = ""

    @property
    def skip(self) -> str | None:
        """Return why no step runs, as a sentence; None if steps run."""
        if self.asks_at_once:
            return f"Merging {self.tag} stops at a conflict that needs a person."
        return self.already_synced

    @property
    def committer(self) -> dict[str, str]:
        """Return git's variables for the committer and the date (see git-commit, "DATE FORMATS")."""
        date = f"@{self.date} +0000"
        return {
            "GIT_AUTHOR_NAME": COMMITTER_NAME,
            "GIT_AUTHOR_EMAIL": COMMITTER_EMAIL,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": COMMITTER_NAME,
            "GIT_COMMITTER_EMAIL": COMMITTER_EMAIL,
            "GIT_COMMITTER_DATE": date,
        }


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt of a sync, as a trusted container sees it.

    Attributes:
        contract: the Plan's side.
        layout: the paths.
        parameters: identify this run.
        connect_forge: connects the downstream's forge; called once, at first use.
        connect_notifier: connects Slack, likewise.
        connect_conflict_forge: connects the fork's forge, where fork mode opens conflict pull
            requests; None: they are opened in the downstream repository.
        token_for: returns a file with a token for a repository on the downstream's host, by
            `host/owner/name`; None without credentials. Asked at each use, since tokens expire.
        retry_for_seconds: how long to retry if a forge or a host does not answer.
        addresses: URLs that replace those of single repositories, by name; a laptop's clones.
        git_environment: variables for trusted git; a laptop's `safe.directory`.
        folder_forge: the folder that replaces the forge on a laptop; None: a real one.
        shown_push: the push address shown to people, if it is not `push`: in a dry run.
    """

    contract: Contract
    layout: Layout
    parameters: Parameters
    connect_forge: Callable[[], Forge]
    connect_notifier: Callable[[], Notifier]
    connect_conflict_forge: Callable[[], Forge] | None = None
    token_for: Callable[[str], Path | None] = field(default=lambda _name: None)
    retry_for_seconds: float = 0.0
    addresses: Mapping[str, str] = field(default_factory=dict)
    git_environment: Mapping[str, str] = field(default_factory=dict)
    folder_forge: Path | None = None
    shown_push: str | None = None

    @cached_property
    def forge(self) -> Forge:
        """Return the forge of the downstream repository, with the fork as its head repository."""
        return self.connect_forge()

    @cached_property
    def conflict_forge(self) -> Forge:
        """Return the forge of the repository in which conflict pull requests are opened."""
        return self.connect_conflict_forge() if self.connect_conflict_forge else self.forge

    @cached_property
    def notifier(self) -> Notifier:
        """Return the Slack client."""
        return self.connect_notifier()

    @property
    def repository(self) -> Git:
        """Return the trusted bare clone; steps never see it."""
        return self.git_in(self.layout.repository)

    @property
    def published(self) -> Git:
        """Return the clone with the real history: without grafts, which serve our own merges only."""
        alone = {**self.repository.environment, "GIT_NO_REPLACE_OBJECTS": "1"}
        return Git(directory=self.layout.repository, environment=alone)

    def git_in(self, directory: Path) -> Git:
        """Return trusted git in a folder that steps never see."""
        # Objects are fetched by name: a fetch within a fetch might never end.
        alone = {"GIT_NO_LAZY_FETCH": "1"}
        return Git(directory=directory, environment={**alone, **self.git_environment})

    @property
    def plan(self) -> str:
        """Return the Plan's name."""
        return self.contract.plan

    @property
    def version(self) -> str:
        """Return the version that is being synced."""
        return self.parameters.tag

    @property
    def line(self) -> str:
        """Return the line that names the release's branches."""
        return self.contract.config.line(self.version)

    @property
    def sync_branch(self) -> str:
        """Return the branch for the result."""
        return sync_branch(self.plan, self.line)

    @property
    def record_ref(self) -> str:
        """Return the ref next to it that records our last push."""
        return record_ref(self.plan, self.line)

    @property
    def owner_ref(self) -> str:
        """Return the ref that records the owner of the release's branches."""
        return owner_ref(self.plan, self.line)

    @property
    def include_ref(self) -> str:
        """Return the ref that records the included pull requests."""
        return include_ref(self.plan, self.line)

    @property
    def downstream(self) -> Remote:
        """Return the downstream repository."""
        return self._remote(self.contract.config.downstream.name)

    @property
    def upstream(self) -> Remote:
        """Return the upstream repository; reading it may follow redirects."""
        return replace(self._remote(self.contract.config.upstream.name), may_redirect=True)

    @property
    def push(self) -> Remote:
        """Return the repository to push branches to: downstream's fork, else downstream itself."""
        return self._remote(self.pushed_to)

    @property
    def pushed_to(self) -> str:
        """Return its name, `host/owner/name`."""
        downstream = self.contract.config.downstream
        return downstream.fork or downstream.name

    @property
    def _replay_file(self) -> Path:
        return self.layout.trusted / "replay.json"

    def save(self, replay: ReplayInput) -> None:
        """Save the observation for the containers after checkout."""
        self._replay_file.write_text(replay.model_dump_json())

    def replay_input(self) -> ReplayInput:
        """Load what checkout observed.

        Raises:
            ResyncError: checkout did not get that far.
        """
        try:
            return ReplayInput.model_validate_json(self._replay_file.read_text())
        except FileNotFoundError as error:
            raise ResyncError("Checkout did not finish; its log says why.") from error

    def _remote(self, name: str) -> Remote:
        if name in self.addresses:
            # The token is for the downstream's host, and this may be another host.
            return Remote(url=self.addresses[name])
        repository = RepositoryName.of(name)
        host = self.contract.hosts.get(repository.host)
        base = (host and host.git_url) or f"https://{repository.host}"
        ours = RepositoryName.of(self.contract.config.downstream.name).host == repository.host
        return Remote(
            url=f"{base.rstrip('/')}/{repository.path}",
            token_file=self.token_for(name) if ours else None,
            ca_file=host.ca_file if host else None,
        )
