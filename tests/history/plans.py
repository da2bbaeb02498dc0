"""`python -m tests.history.plans UPSTREAM DOWNSTREAM PLAN … [--branches] [--only TAG] [--json FILE]`.

Syncs every bump of a downstream by each Plan and says how many needed nobody, what was decided otherwise than
people did, and how often the result was complete. What a Plan follows is replaced by the bump; its steps run on
this machine. With `--branches` merges of upstream's branches count as bumps, too.
"""

import argparse
import json
import sys
from pathlib import Path

from resync_argo.local.plan_file import load_plan
from tests.history.processes import judge_all
from tests.history.report import share_table


def main(arguments: list[str]) -> int:
    """Sync, judge, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.plans", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("plans", metavar="PLAN", type=Path, nargs="+")
    parser.add_argument("--branches", action="store_true")
    parser.add_argument("--only", metavar="TAG")
    parser.add_argument("--json", type=Path, help="write all that was counted here")
    given = parser.parse_args(arguments)
    plans = {file.stem: load_plan(file) for file in given.plans}
    counted = judge_all(
        given.upstream, given.downstream, plans, branches=given.branches, only=given.only
    )
    if given.json:
        given.json.write_text(json.dumps(counted, indent=2) + "\n")
    print(share_table(counted))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
