"""Gives the project a new version: sets it in every file, closes the changelog's section, and commits.

In: a repository without uncommitted changes, and a version. Out: one commit, `Release 1.2.3`. The changelog follows
Keep a Changelog (https://keepachangelog.com/en/1.1.0/).
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from semver import Version

from tests.release.programs import ReleaseError, run

CHANGELOG = "CHANGELOG.md"
UNRELEASED = "## Unreleased\n"

PLACES = {
    "pyproject.toml": r'^(version = "){old}(")$',
    "resync_argo/__init__.py": r'^(__version__ = "){old}(")$',
    "manifests/controller/deployment.yaml": r"(image: resync-argo:){old}(\s)",
    "Containerfile": r"(resync-argo:){old}( )",
    "docs/install.md": r"((?:newTag: |resync-argo:)){old}(\s)",
    "docs/release.md": r"((?:resync-argo:|VERSION=)){old}(\s)",
}
"""File -> a regular expression of where it names the version, with what stands before and behind."""


def current_version(repository: Path) -> str:
    """Return the project's version."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def set_version(repository: Path, wanted: str, *, today: datetime | None = None) -> Iterator[str]:
    """Commit a new version; yield what was done, which is nothing where the project has it already.

    Args:
        repository: where.
        wanted: a version after Semantic Versioning, newer than the project's.
        today: the day of the changelog's section; by default today, in UTC.

    Raises:
        ReleaseError: the version cannot follow the last one, something is not committed, or the changelog has
            nothing to release. The files are as they were.
    """
    old = current_version(repository)
    if wanted == old:
        yield f"the project has version {wanted} already"
        return
    _check(repository, old, wanted)
    day = (today or datetime.now(UTC)).date().isoformat()
    changed = {file: _replaced(repository, file, old, wanted) for file in PLACES}
    changed[CHANGELOG] = _closed((repository / CHANGELOG).read_text(), f"## {wanted} - {day}\n")
    for file, text in changed.items():
        (repository / file).write_text(text)
    run(["git", "commit", "--quiet", "--all", f"--message=Release {wanted}"], folder=repository)
    yield f"committed version {wanted}; {CHANGELOG} has its section"


def _check(repository: Path, old: str, wanted: str) -> None:
    if not Version.is_valid(wanted):
        raise ReleaseError(f"`{wanted}` is not a version; write for example VERSION=1.2.3")
    if Version.parse(wanted) < Version.parse(old):
        raise ReleaseError(f"{wanted} is older than {old}, the project's version")
    if changed := run(["git", "status", "--porcelain"], folder=repository):
        raise ReleaseError(f"commit or remove these first:\n{changed}")


def _replaced(repository: Path, file: str, old: str, wanted: str) -> str:
    pattern = PLACES[file].format(old=re.escape(old))
    text, count = re.subn(
        pattern, rf"\g<1>{wanted}\g<2>", (repository / file).read_text(), flags=re.M
    )
    if not count:
        raise ReleaseError(f"{file} does not name version {old}; correct it by hand")
    return text


def _closed(text: str, heading: str) -> str:
    """Return the changelog with the unreleased changes below a version's heading."""
    before, mark, rest = text.partition(UNRELEASED)
    changes = re.split(r"^## ", rest, maxsplit=1, flags=re.M)[0]
    if not mark or not changes.strip():
        raise ReleaseError(
            f"{CHANGELOG} has nothing below `{UNRELEASED.strip()}`: say what changed"
        )
    return f"{before}{mark}\n{heading}{rest}"
