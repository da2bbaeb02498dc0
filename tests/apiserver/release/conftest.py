"""A repository with the project's present files, committed, and a release of it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.toolchain import binary
from tests.release.release import Wanted, make_release

ROOT = Path(__file__).parents[3]
WHEN = "2026-01-02T03:04:05+00:00"

Checkout = Callable[[str], Path]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a function that makes such a repository; each has the same commit."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp("checkouts") / name
        listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for path in filter(None, listed.split("\0")):
            if (ROOT / path).is_file():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, folder / path)
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=Release")
        return folder

    return make


@pytest.fixture(scope="session")
def project(checkout: Checkout) -> Path:
    """One of these repositories, which nobody changes."""
    return checkout("project")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key, made as the documentation says; `release.pub` lies beside it."""
    folder = tmp_path_factory.mktemp("key")
    for script in scripts("verify-key"):
        subprocess.run(["sh", "-ec", script], cwd=folder, check=True)
    return folder / "release.pem"


@pytest.fixture(scope="session")
def release(project: Path, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed release."""
    target = tmp_path_factory.mktemp("release") / "dist"
    list(make_release(project, target, wanted(signing_key=key)))
    return target


def wanted(*, image: str = "", signing_key: Path | None = None) -> Wanted:
    """Return the release of these tests, made with the tests' own kubectl."""
    return Wanted(
        image=image,
        signing_key=signing_key,
        builder="https://ci.example.com/",
        kubectl=str(binary("kubectl")),
    )


def scripts(mark: str) -> list[str]:
    """Return the blocks of docs/release.md with a mark."""
    page = (ROOT / "docs" / "release.md").read_text()
    parts = page.split(f"```sh {mark}\n")[1:]
    return [part.partition("```\n")[0] for part in parts]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with a fixed person and time, and return its output."""
    who = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "r"), ("EMAIL", "r@example.com"), ("DATE", WHEN))
    }
    result = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **who},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout
