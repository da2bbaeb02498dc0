"""Surveys two repositories for what a first Plan needs: releases, branches, the language."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.plan import Plan, Regenerate, RepositoryName, Versioning
from resync_argo.attempt.context import Attempt
from resync_argo.contract import Layout
from resync_argo.errors import UsageError
from resync_argo.git import LOOK, Git, Remote, scratch_repository
from resync_argo.hosts.refs import list_refs
from resync_argo.hosts.refusals import explained
from resync_argo.local.console import progress
from resync_argo.local.reader import make_reader, sign_in
from resync_argo.names import API_VERSION
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import list_tags
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal, Version, precedence

_URL = re.compile(r"(?:https?://|ssh://)?(?:[^@/]+@)?(?P<host>[^/:]+)[:/](?P<path>.+?)(?:\.git)?/?")
_SHORT = re.compile(r"[^/:@.]+/[^/:@]+")
_HEADS = "refs/heads/"
_PREFIXED = re.compile(r"(?P<prefix>.*[/_-]v?)\d+\.\d+\.\d+")
_ENOUGH = 2
"""Tags that a scheme reads before it is proposed."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """A fork's language, recognised by a file at its top.

    Attributes:
        file: the file.
        image: for its steps.
        regenerate: what a step regenerates after a merge; None: the repository needs its own
            script.
    """

    file: str
    image: str
    regenerate: Regenerate | None = None


LANGUAGES = (
    Language(file="go.mod", image="docker.io/library/golang:1", regenerate="GoModules"),
    Language(file="Cargo.toml", image="docker.io/library/rust:1", regenerate="Cargo"),
    Language(file="yarn.lock", image="docker.io/library/node:22", regenerate="Yarn"),
    # The image has no pnpm.
    Language(file="pnpm-lock.yaml", image="docker.io/library/node:22"),
    Language(file="package.json", image="docker.io/library/node:22", regenerate="Npm"),
    Language(file="uv.lock", image="ghcr.io/astral-sh/uv:python3.13-bookworm", regenerate="Uv"),
    Language(file="pyproject.toml", image="docker.io/library/python:3"),
    Language(file="setup.py", image="docker.io/library/python:3"),
    Language(file="pom.xml", image="docker.io/library/maven:3"),
)
ANY = Language(file="", image="docker.io/library/buildpack-deps:stable")


@dataclass(frozen=True, kw_only=True)
class Releases:
    """How upstream names its releases, according to its tags.

    Attributes:
        versioning: which texts are versions; `prefix` is what they begin with, if not with `v`.
        newest: the newest release that is not a prerelease.
        range: contains it, and everything before the next major version.
    """

    versioning: Versioning
    prefix: str | None
    newest: str
    range: str


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """The result of the survey.

    Attributes:
        upstream: `host/owner/name`; `downstream` likewise.
        branch: the downstream branch.
        releases: None if no tag is a version.
        upstream_branch: its default branch.
        language: the fork's.
    """

    upstream: str
    downstream: str
    branch: str
    releases: Releases | None
    upstream_branch: str
    language: Language


def repository_name(text: str) -> str:
    """Return `host/owner/name` for a repository as people type it; without a host it is on github.com.

    Raises:
        UsageError: this is not a repository.
    """
    found = _URL.fullmatch(text)
    name = f"github.com/{text}" if _SHORT.fullmatch(text) else ""
    if not name and found is not None:
        name = f"{found['host']}/{found['path']}"
    if not re.fullmatch(r"[\w.-]+(?::\d+)?(?:/[\w.-]+){2,}", name):
        raise UsageError(f"`{text}` is not a repository: write it as `github.com/owner/name`.")
    return name


def survey(
    upstream: str, downstream: str, branch: str | None, environ: Mapping[str, str]
) -> Surveyed:
    """Survey both repositories.

    Args:
        upstream: `host/owner/name`.
        downstream: likewise.
        branch: the downstream branch; None: the default branch.
        environ: this machine's variables.

    Raises:
        UsageError: there is no such branch.
        Stalled, Transient: a repository cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder, progress("Asking both repositories"):
        layout = Layout(secrets=Path(folder) / "secrets", trusted=Path(folder))
        attempt = sign_in(make_reader(_draft(upstream, downstream), layout, environ), environ)
        git = Git(directory=Path(folder), environment=dict(attempt.git_environment))
        tags = list_tags(git, attempt.upstream)
        chosen = branch or _default(git, attempt.downstream)
        _check_branch(git, attempt, chosen)
        return Surveyed(
            upstream=upstream,
            downstream=downstream,
            branch=chosen,
            releases=find_releases(tags),
            upstream_branch=_default(git, attempt.upstream),
            language=_language(_files(attempt.downstream, chosen)),
        )


def _draft(upstream: str, downstream: str) -> Plan:
    config = {
        "upstream": {"name": upstream, "matchedVersions": ["1.x"]},
        "downstream": {"name": downstream, "branch": "main"},
        "image": "none",
        "github": {"credentials": {"secretSelector": "github-secret"}},
    }
    metadata = {"name": "draft", "namespace": ""}
    spec = {"config": config, "steps": [{"run": "true"}]}
    return Plan.parse(
        {"apiVersion": API_VERSION, "kind": "Plan", "metadata": metadata, "spec": spec}
    )


def _default(git: Git, remote: Remote) -> str:
    with explained(remote):
        said = git.run("ls-remote", "--symref", "--", remote.url, "HEAD", remote=remote).decode()
    found = re.search(rf"^ref: {_HEADS}(\S+)\tHEAD$", said, re.M)
    return found[1] if found else "main"


def _check_branch(git: Git, attempt: Attempt, branch: str) -> None:
    heads = list_refs(git, attempt.downstream, f"{_HEADS}*")
    if f"{_HEADS}{branch}" not in heads:
        names = sorted(name.removeprefix(_HEADS) for name in heads)
        near = [it for it in names if not it.startswith("resync/")][:10]
        listed = ", ".join(f"`{it}`" for it in near)
        raise UsageError(f"The downstream has no branch `{branch}`; it has {listed}.")


def _files(remote: Remote, branch: str) -> set[str]:
    """Return the names at the top of a branch."""
    fetch = ("fetch", "--quiet", "--no-tags", "--depth=1", "--filter=blob:none", "origin")
    with scratch_repository(remote, LOOK) as git, explained(remote, f"{_HEADS}{branch}"):
        git.run(*fetch, f"+{_HEADS}{branch}:refs/look/branch", remote=remote)
        return set(git.text("ls-tree", "--name-only", "refs/look/branch").splitlines())


def _language(files: set[str]) -> Language:
    return next((it for it in LANGUAGES if it.file in files), ANY)


def find_releases(tags: Sequence[GitTag]) -> Releases | None:
    """Return how releases are named: the first way that reads some of the tags; None if none does."""
    names = [tag.name for tag in tags]
    prefixes = [found["prefix"] for name in names if (found := _PREFIXED.fullmatch(name))]
    common = max(set(prefixes), key=lambda it: (prefixes.count(it), it), default=None)
    ways: list[Scheme] = [Scheme()]
    ways += [Scheme(prefix=common)] if common is not None else []
    ways += [Scheme(versioning="Loose")]
    for way in ways:
        read = [it for it in map(way.version_of, names) if not isinstance(it, Refusal)]
        finals = [it for it in read if not it.prerelease]
        if len(finals) >= _ENOUGH or (finals and way == ways[0]):
            newest = max(finals, key=precedence)
            return Releases(
                versioning=way.versioning,
                prefix=way.prefix,
                newest=str(newest),
                range=_range(newest),
            )
    return None


def _range(newest: Version) -> str:
    return f"{newest.numbers[0]}.x"


def host_of(name: str) -> str:
    """Return the host of a repository's name."""
    return RepositoryName.of(name).host
