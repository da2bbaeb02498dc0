"""Measures the local twin, on repositories made for it: 10,000 files, 20,000 commits, 20 releases.

`measure` returns seconds and bytes; `python -m tests.bench.local` prints them as JSON. Nothing is
asserted: aims are a ratio of 1.3 to the bare script and 0.15 s for help.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FILES = 10_000
COMMITS = 20_000
RELEASES = 20
BASE = COMMITS - 50 * RELEASES
"""The commit that downstream forked: each release has fifty commits."""

PROGRAM = Path(sys.executable).with_name("resync-argo")
HOST = "bench.test"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A Developer"), ("EMAIL", "developer@example.com"))
}
SCRIPT = """\
set -e
git clone --quiet "$1" clone
cd clone
git switch --quiet -c sync origin/release
git fetch --quiet "$2" tag v1.1.0
git merge --quiet --no-edit v1.1.0
git push --quiet origin sync
"""
"""What a careful person types: the yardstick of `run`."""


def measure() -> dict[str, Any]:
    """Return what was measured; durations in seconds, sizes in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _make_repositories(root)
        environment = _environment(root)
        script = _seconds(lambda: _script(root, environment))
        run = _seconds(lambda: _run(root, environment))
        preview = [_seconds(lambda: _preview(root, environment)) for _ in range(2)]
        return {
            "run_seconds": run,
            "script_seconds": script,
            "run_to_script_ratio": round(run / script, 2),
            "run_fetched_bytes": _size(root / "kept" / "trusted" / "repository.git" / "objects"),
            "script_fetched_bytes": _size(root / "clone" / ".git" / "objects"),
            "preview_20_tags_seconds": preview[0],
            "preview_20_tags_cached_seconds": preview[1],
            "help_seconds": min(_seconds(lambda: _call(["--help"], environment)) for _ in range(5)),
        }


def _make_repositories(root: Path) -> None:
    upstream, downstream = root / "upstream", root / "downstream"
    _git(root, "init", "--quiet", "--bare", str(upstream))
    stream = "".join(_history())
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=upstream, input=stream, text=True, check=True
    )
    for number in range(1, RELEASES + 1):
        commit = f"main~{50 * (RELEASES - number)}"
        _git(upstream, "tag", f"v1.{number}.0", commit)
    _git(root, "clone", "--quiet", "--bare", str(upstream), str(downstream))
    for repository in (upstream, downstream):
        _git(repository, "config", "uploadpack.allowFilter", "true")
        _git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    tree = _git(downstream, "rev-parse", f"main~{COMMITS - BASE}^{{tree}}")
    carried = _git(
        *(downstream, "commit-tree", tree, "-p", f"main~{COMMITS - BASE}", "-m", "Carry a patch")
    )
    listing = _git(downstream, "for-each-ref", "--format=delete %(refname)")
    _git(downstream, "update-ref", "refs/heads/release", carried)
    subprocess.run(
        ["git", "update-ref", "--stdin"],
        cwd=downstream,
        input=f"{listing}\n",
        text=True,
        check=True,
    )
    _git(downstream, "symbolic-ref", "HEAD", "refs/heads/release")
    _write_plan(root / "plan.yaml")


def _history() -> Iterator[str]:
    """Yield the history as git-fast-import reads it: one commit of all files, then small ones."""
    for number in range(COMMITS):
        message = f"Commit {number}"
        yield (
            "commit refs/heads/main\n"
            f"committer A Developer <developer@example.com> {1_600_000_000 + number} +0000\n"
            f"data {len(message)}\n{message}\n"
        )
        changed = range(FILES) if number == 0 else (number * 7919 % FILES,)
        for file in changed:
            text = f"file {file}\n" * 40 + f"as of {number}\n"
            yield f"M 100644 inline dir{file % 100}/file{file}.txt\ndata {len(text)}\n{text}\n"


def _write_plan(file: Path) -> None:
    action = {"type": "pull-request", "title": "Sync $UPSTREAM_VERSION"}
    config = {
        "upstream": {"name": f"{HOST}/upstream", "matchedVersions": ["1.x"]},
        "downstream": {"name": f"{HOST}/team/downstream", "branch": "release"},
        "image": "unused:1",
        "github": {"credentials": {"secretSelector": "unused"}},
    }
    steps = [{"run": "git merge $UPSTREAM_TAG"}, {"action": action}]
    plan = {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": "bench"},
        "spec": {"config": config, "steps": steps},
    }
    file.write_text(yaml.safe_dump(plan))


def _environment(root: Path) -> dict[str, str]:
    temporary = root / "tmp"
    temporary.mkdir()
    variables = {"GIT_CONFIG_COUNT": "2", "TMPDIR": str(temporary), "HOME": str(root)}
    mapped = {f"{HOST}/upstream": "upstream", f"{HOST}/team/downstream": "downstream"}
    for number, (name, folder) in enumerate(mapped.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = f"url.{root / folder}.insteadOf"
        variables[f"GIT_CONFIG_VALUE_{number}"] = f"https://{name}"
    return {**os.environ, **IDENTITY, **variables}


def _script(root: Path, environment: Mapping[str, str]) -> None:
    # As over a network: without the shortcuts of a clone on the same disk.
    addresses = [f"file://{root / name}" for name in ("downstream", "upstream")]
    subprocess.run(
        ["sh", "-c", SCRIPT, "sh", *addresses],
        cwd=root,
        env=environment,
        check=True,
        capture_output=True,
    )


def _run(root: Path, environment: Mapping[str, str]) -> None:
    words = [
        "run",
        str(root / "plan.yaml"),
        "--tag",
        "1.1.0",
        "--keep",
        "--forge",
        str(root / "pulls"),
    ]
    _call(words, environment)
    kept = next((root / "tmp").iterdir())
    kept.rename(root / "kept")


def _preview(root: Path, environment: Mapping[str, str]) -> None:
    _call(["preview", str(root / "plan.yaml")], environment)


def _call(words: list[str], environment: Mapping[str, str]) -> None:
    subprocess.run([PROGRAM, *words], env=environment, check=True, capture_output=True)


def _git(where: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=where,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _seconds(do: Callable[[], None]) -> float:
    started = time.monotonic()
    do()
    return round(time.monotonic() - started, 2)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
