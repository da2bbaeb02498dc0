"""`python -m tests.history.plans UPSTREAM DOWNSTREAM PLAN … [--branches] [--only TAG]… [--env NAME=VALUE]…
[--json FILE] [--reasons FILE]`.

Syncs every bump of a downstream by each Plan and says how many needed nobody, what was decided otherwise than
people did, and how often the result was complete. What a Plan follows is replaced by the bump; its steps run on
this machine, and find what `--env` sets, such as a GOMODCACHE that they share. With `--branches` merges of upstream's
branches count as bumps, too. The JSON is written after each bump; what it has already is not done again.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resync_argo.api.plan import EnvVar, Plan
from resync_argo.local.plan_file import load_plan
from tests.history.judgements import Judgements, share_table
from tests.history.processes import judge_all
from tests.history.reasons import Reasons


def main(arguments: list[str]) -> int:
    """Sync, judge, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.plans", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("plans", metavar="PLAN", type=Path, nargs="+")
    parser.add_argument("--branches", action="store_true")
    parser.add_argument("--only", metavar="TAG", action="append", default=[])
    parser.add_argument("--env", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("--json", type=Path, help="write all that was counted here")
    parser.add_argument("--reasons", type=Path, help="YAML: why files differ from what people did")
    given = parser.parse_args(arguments)
    plans = {file.stem: _with_env(load_plan(file), given.env) for file in given.plans}
    known = Judgements()
    if given.json and given.json.exists():
        known = Judgements.parse(given.json.read_text())
    counted: dict[str, Any] = {}
    for counted in judge_all(
        given.upstream, given.downstream, plans, known, branches=given.branches, only=given.only
    ):
        if given.json:
            given.json.write_text(json.dumps(counted, indent=2) + "\n")
    print(share_table(counted, Reasons.load(given.reasons) if given.reasons else Reasons()))
    return 0


def _with_env(plan: Plan, pairs: Sequence[str]) -> Plan:
    """Return a Plan whose steps find more variables."""
    split = (pair.partition("=") for pair in pairs)
    added = (EnvVar.model_validate({"name": name, "value": value}) for name, _, value in split)
    env = (*plan.spec.config.env, *added)
    config = plan.spec.config.model_copy(update={"env": env})
    return plan.model_copy(update={"spec": plan.spec.model_copy(update={"config": config})})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
