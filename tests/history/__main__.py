"""`python -m tests.history UPSTREAM DOWNSTREAM [--rules FILE | --squashed] [--only TAG] [--json FILE]`.

Exit code 1 where a bump was not reproduced, forecast and run did not agree, or a hunk is shown otherwise than
git has it. With `--squashed` the bump before each one is squashed first: exit code 1 where with its record
other files are in conflict than with its history.
"""

import argparse
import json
import sys
from pathlib import Path

import yaml

from tests.history.processes import replay_all, squash_all
from tests.history.report import squashed_table, table


def main(arguments: list[str]) -> int:
    """Replay, print the table, and say whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--rules", type=Path, help="YAML: a list as in `config.conflicts`")
    ways.add_argument("--squashed", action="store_true", help="squash the bump before each one")
    parser.add_argument("--only", metavar="TAG")
    parser.add_argument("--json", type=Path, help="write all that was counted here")
    given = parser.parse_args(arguments)
    if given.squashed:
        counted = squash_all(given.upstream, given.downstream, given.only)
    else:
        rules = yaml.safe_load(given.rules.read_text()) if given.rules else []
        counted = replay_all(given.upstream, given.downstream, rules, given.only)
    if given.json:
        given.json.write_text(json.dumps(counted, indent=2) + "\n")
    if given.squashed:
        print(squashed_table(counted))
        return 0 if counted["same"] == len(counted["each"]) else 1
    print(table(counted))
    replayed = counted["bumps"] - len(counted["unreadable"])
    same = counted["reproduced"] == counted["agreed"] == replayed
    return 0 if same and not counted["differing"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
