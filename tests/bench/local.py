"""Measures the local commands: `run` against a bare script, `preview` of 20 releases, `--help`.

`measure` returns seconds and bytes; `python -m tests.bench.local` prints them as JSON. Nothing is
asserted. The repositories are made up; if RESYNC_BENCH_UPSTREAM and the related variables name
clones and a release (see `checkout`), `run` is measured on those too, as `real_…`. Each time is the
best of three, and beside it is the processor time of all processes of both sides, including the
server's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.bench import pairs
from tests.bench.checkout import Real
from tests.bench.pairs import BRANCH, IDENTITY, Pair

PROGRAM = Path(sys.executable).with_name("resync-argo")
HOST = "bench.test"
ROUNDS = 3
STARTS = 7
SCRIPT = f"""\
set -e
git clone --quiet "$1" clone
cd clone
git switch --quiet -c sync origin/{BRANCH}
git fetch --quiet "$2" tag "$3"
git merge --quiet --no-edit "$3"
git push --quiet origin sync
"""
"""What a careful person types: the yardstick of `run`."""

Cost = tuple[float, float]
"""Seconds that passed, and seconds of processor time."""


def measure() -> dict[str, Any]:
    """Return the figures: durations in seconds, sizes in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        pair = pairs.made_up(root / "made-up")
        figures = _run_and_script(pair)
        preview = [_cost([PROGRAM, "preview", _plan(pair)], pair)[0] for _ in range(2)]
        figures |= {
            "preview_20_tags_seconds": preview[0],
            "preview_20_tags_cached_seconds": preview[1],
        }
        given = Real.given()
        if given is not None:
            real = _run_and_script(pairs.real(root / "real", given))
            figures |= {f"real_{name}": value for name, value in real.items()}
        return figures | _start_up(pair)


def _run_and_script(pair: Pair) -> dict[str, Any]:
    runs, scripts, cloned = [], [], 0
    for _ in range(ROUNDS):
        _clean(pair)
        scripts.append(_script(pair))
        cloned = _size(pair.root / "scripts" / "clone" / ".git" / "objects")
        _clean(pair)
        runs.append(_run(pair))
    (run, run_cpu), (script, script_cpu) = map(_best, (runs, scripts))
    kept = next((pair.root / "tmp").iterdir())
    return {
        "run_seconds": run,
        "script_seconds": script,
        "run_to_script_ratio": round(run / script, 2),
        "run_to_script_processor_ratio": round(run_cpu / script_cpu, 2),
        "run_fetched_bytes": _size(kept / "trusted" / "repository.git" / "objects"),
        "script_fetched_bytes": cloned,
    }


def _start_up(pair: Pair) -> dict[str, float]:
    """Return how long `--help` takes, and its ratio to the minimum for Python and for git."""
    programs: dict[str, list[str | Path]] = {
        "help": [PROGRAM, "--help"],
        "python": [sys.executable, "-c", "pass"],
        "git": ["git", "--version"],
    }
    times = {
        name: _best([_cost(words, pair) for _ in range(STARTS)])[0]
        for name, words in programs.items()
    }
    return {
        "help_seconds": times["help"],
        "help_to_bare_python_ratio": round(times["help"] / times["python"], 1),
        "help_to_git_version_ratio": round(times["help"] / times["git"], 1),
    }


def _plan(pair: Pair) -> Path:
    action = {"type": "pull-request", "title": "Sync $UPSTREAM_VERSION"}
    config = {
        "upstream": {"name": f"{HOST}/upstream", "matchedVersions": ["1.x"]},
        "downstream": {"name": f"{HOST}/team/downstream", "branch": BRANCH},
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
    file = pair.root / "plan.yaml"
    file.write_text(yaml.safe_dump(plan))
    return file


def _environment(root: Path) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": "2", "TMPDIR": str(root / "tmp"), "HOME": str(root)}
    mapped = {f"{HOST}/upstream": "upstream", f"{HOST}/team/downstream": "downstream"}
    for number, (name, folder) in enumerate(mapped.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = f"url.{root / folder}.insteadOf"
        variables[f"GIT_CONFIG_VALUE_{number}"] = f"https://{name}"
    return {**os.environ, **IDENTITY, **variables}


def _clean(pair: Pair) -> None:
    pair.reset()
    folders = [str(pair.root / name) for name in ("tmp", "scripts", "pulls")]
    subprocess.run(["rm", "-rf", *folders], check=True)
    for folder in folders:
        Path(folder).mkdir()


def _script(pair: Pair) -> Cost:
    # As over a network, without the shortcuts of a clone on the same disk.
    addresses = [f"file://{pair.root / name}" for name in ("downstream", "upstream")]
    return _cost(["sh", "-c", SCRIPT, "sh", *addresses, pair.tag], pair, pair.root / "scripts")


def _run(pair: Pair) -> Cost:
    words: list[str | Path] = ["--tag", pair.tag, "--keep", "--forge", pair.root / "pulls"]
    return _cost([PROGRAM, "run", _plan(pair), *words], pair)


def _cost(words: Sequence[str | Path], pair: Pair, where: Path | None = None) -> Cost:
    """Run a program to its end; its children count, too."""
    environment: Mapping[str, str] = _environment(pair.root)
    (pair.root / "tmp").mkdir(exist_ok=True)
    log = pair.root / "log"
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            words, cwd=where or pair.root, env=environment, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[0]} failed: {log.read_text()[-2000:]}")
    return round(seconds, 3), round(usage.ru_utime + usage.ru_stime, 3)


def _best(costs: Sequence[Cost]) -> Cost:
    return min(seconds for seconds, _ in costs), min(processor for _, processor in costs)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
