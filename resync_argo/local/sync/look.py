"""Looks at one Plan before anything runs: at its releases, and at their pull requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from resync_argo.api.plan import Config, Plan
from resync_argo.attempt.context import Attempt
from resync_argo.environment import read_settings
from resync_argo.errors import ResyncError
from resync_argo.local.place import place
from resync_argo.local.preview.clone import open_clone
from resync_argo.local.preview.program import Surveyed, fetch_releases, survey
from resync_argo.local.preview.standings import candidates_of, still_young
from resync_argo.local.run.local_attempt import Request, build_attempt
from resync_argo.local.run.steps import Where
from resync_argo.local.sync.asked import Asked, as_known, ask, brings, is_stale, list_own_refs
from resync_argo.local.sync.first_look import first_looks
from resync_argo.local.sync.leftovers import clean_up, record_squash
from resync_argo.names import short_hash
from resync_argo.upstream.branches import Tip, time_of
from resync_argo.upstream.candidate import Candidate
from resync_argo.upstream.eligibility import Release


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A person's request to `sync`, for one Plan.

    Attributes:
        plan: the valid Plan.
        file: where it was read.
        steps_in: where its steps run.
        forge: a folder that stands for the forge; None: a real one.
        environ: this machine's variables.
    """

    plan: Plan
    file: Path
    steps_in: Where
    forge: Path | None
    environ: Mapping[str, str]

    def request(self, release: Release) -> Request:
        """Return the request for the run of a release."""
        branch, time = release.tag.branch, time_of(str(release.version))
        tip = None
        if branch is not None and time is not None:
            tip = Tip(branch=branch, commit=release.tag.commit, time=time)
        return Request(
            plan=self.plan,
            file=self.file,
            version=str(release.version),
            tip=tip,
            steps_in=self.steps_in,
            forge=self.forge,
            owner=owner_of(self.plan),
            environ=self.environ,
        )


@dataclass(kw_only=True)
class Seen:
    """The state of a Plan's releases; a run updates it.

    Attributes:
        wish: the person's request.
        releases: by version, oldest first.
        candidates: likewise.
        asked: their pull requests, likewise; absent if there are none.
        stale: the versions whose open pull request the Plan wants rebuilt.
        notes: what was done on the way, as sentences.
    """

    wish: Wish
    releases: Mapping[str, Release] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def owner_of(plan: Plan) -> str:
    """Return an id that distinguishes Plans with the same name but other repositories or branches."""
    config = plan.spec.config
    names = (config.upstream.name, config.downstream.name, config.downstream.branch)
    return f"sync {short_hash(plan.metadata.name, *names, length=16)}"


def look(wish: Wish) -> Seen:
    """Read both repositories and ask the forge; clean up what is over.

    Raises:
        ResyncError: a repository or the forge cannot be asked.
    """
    with place(keep=False) as layout, open_clone(wish.plan, wish.environ) as clone:
        surveyed = survey(clone)
        releases = {str(it.version): it for it in surveyed.selection.releases}
        seen = Seen(wish=wish, releases=releases)
        if not releases:
            return seen
        local = build_attempt(wish.request(next(iter(releases.values()))), layout)
        attempt = _joined(clone, local)
        young = _young(wish.plan, attempt, surveyed)
        seen.candidates = candidates_of(wish.plan, releases.values(), surveyed.history, young)
        _Look(seen=seen, surveyed=surveyed, attempt=attempt).fill_in()
        return seen


def _young(plan: Plan, attempt: Attempt, surveyed: Surveyed) -> Mapping[str, datetime]:
    """Return when each too young git tag will be old enough."""
    if not plan.spec.config.upstream.cool_down:
        return {}
    tags = [it.tag for it in surveyed.selection.releases]
    new = [it for it in tags if it.commit.encode() not in surveyed.history]
    return still_young(plan, first_looks(attempt, new, surveyed.seen), surveyed.now)


def _joined(clone: Attempt, local: Attempt) -> Attempt:
    """Return the attempt that reads the cached clone and is connected to the run's forge."""
    return replace(
        clone,
        contract=local.contract,
        parameters=local.parameters,
        connect_forge=local.connect_forge,
        connect_conflict_forge=local.connect_conflict_forge,
        folder_forge=local.folder_forge,
    )


@dataclass(kw_only=True)
class _Look:
    seen: Seen
    surveyed: Surveyed
    attempt: Attempt

    def fill_in(self) -> None:
        refs = list_own_refs(self.attempt)
        for version, release in self.seen.releases.items():
            attempt = _of(self.attempt, version)
            line = _config(attempt).line(version)
            is_begun = any(f"/{line}" in name for name in refs)
            if not is_begun:
                continue
            asked = ask(attempt, line, refs)
            self.seen.asked[version] = asked
            self._take(attempt, release, asked)
            if self._is_over(version, asked) and not _keeps_branches(self.seen.wish):
                done = clean_up(attempt, line, refs)
                self.seen.notes += [done] if done else []

    def _take(self, attempt: Attempt, release: Release, asked: Asked) -> None:
        version = str(release.version)
        before = self.seen.candidates[version]
        is_of_branch = _config(attempt).upstream.branch is not None
        candidate = replace(before, is_of_branch=is_of_branch)
        final, has_it = asked.open_final, True
        if final is not None and is_of_branch:
            has_it = self._brings(attempt, release, asked)
        known = as_known(candidate, asked, brings=has_it)
        self.seen.candidates[version] = known
        stale = final is not None and is_stale(attempt, attempt.forge, final, self.surveyed.head)
        if known.open_pull_request and stale:
            self.seen.stale.add(version)
        merged = asked.merged_final
        if known.merged and merged is not None:
            squashed = record_squash(attempt, merged, release.tag.commit)
            self.seen.notes += [squashed] if squashed else []

    def _brings(self, attempt: Attempt, release: Release, asked: Asked) -> bool:
        try:
            fetch_releases(attempt, [release])
        except ResyncError:
            return False
        return asked.open_final is not None and brings(
            attempt, asked.open_final, release.tag.commit
        )

    def _is_over(self, version: str, asked: Asked) -> bool:
        """Return whether nobody needs the answers any more: the final pull request was merged or closed."""
        candidate = self.seen.candidates[version]
        if candidate.is_contained:
            return True
        is_closed = asked.final is not None and asked.closed == asked.final
        return is_closed and not candidate.is_of_branch


def _of(attempt: Attempt, version: str) -> Attempt:
    """Return the attempt for another release, with the same connection to the forge."""
    parameters = replace(attempt.parameters, tag=version)
    return replace(
        attempt,
        parameters=parameters,
        connect_forge=lambda: attempt.forge,
        connect_conflict_forge=lambda: attempt.conflict_forge,
    )


def _config(attempt: Attempt) -> Config:
    return attempt.contract.config


def _keeps_branches(wish: Wish) -> bool:
    return read_settings(wish.environ).keep_conflict_branches
