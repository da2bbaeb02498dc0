"""`python -m tests.history UPSTREAM DOWNSTREAM [--rules FILE] [--only TAG] [--json FILE]`.

Exit code 1 where a bump was not reproduced, or forecast and run did not agree.
"""

import argparse
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.history.bumps import find_bumps
from tests.history.replay import HOST, Stage
from tests.history.report import summary, table


def replay_all(
    upstream: Path, downstream: Path, rules: list[dict[str, Any]], only: str | None = None
) -> dict[str, Any]:
    """Replay the bumps in a downstream's history and return what was counted."""
    bumps = [it for it in find_bumps(upstream, downstream) if only in (None, it.tag)]
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), upstream, downstream)
        _map_repositories(stage)
        replayed = []
        for bump in bumps:
            sys.stderr.write(f"{bump.tag} into {bump.parent[:10]}\n")
            with contextlib.redirect_stderr(io.TextIOWrapper(open(os.devnull, "wb"))):
                replayed.append(stage.replay(bump, rules))
    return summary(replayed)


def _map_repositories(stage: Stage) -> None:
    """Tell git where the repositories of the Plan are, for this process alone."""
    paths = {"upstream": stage.upstream, "downstream": stage.downstream}
    os.environ["GIT_CONFIG_COUNT"] = str(len(paths))
    for number, (name, path) in enumerate(paths.items()):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = f"https://{HOST}/{name}"


def main(arguments: list[str]) -> int:
    """Replay, print the table, and say whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("--rules", type=Path, help="YAML: a list as in `config.conflicts`")
    parser.add_argument("--only", metavar="TAG")
    parser.add_argument("--json", type=Path, help="write all that was counted here")
    given = parser.parse_args(arguments)
    rules = yaml.safe_load(given.rules.read_text()) if given.rules else []
    counted = replay_all(given.upstream, given.downstream, rules, given.only)
    if given.json:
        given.json.write_text(json.dumps(counted, indent=2) + "\n")
    print(table(counted))
    return 0 if counted["reproduced"] == counted["agreed"] == counted["bumps"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
