"""`python -m tests.history.figures [FORK=JSON …]`: writes the tables of docs/figures.md from what is kept here.

With arguments it first keeps a summary of what `python -m tests.history.plans … --json JSON` wrote for a fork,
with the reasons in `FORK.yaml` beside it.
"""

import json
import sys
from pathlib import Path

from tests.history.figures.page import KEPT, PAGE, page
from tests.history.figures.summary import summarized
from tests.history.reasons import Reasons


def main(arguments: list[str]) -> int:
    """Keep summaries, write the page."""
    for pair in arguments:
        fork, _, file = pair.partition("=")
        reasons = KEPT / f"{fork}.yaml"
        known = Reasons.load(reasons) if reasons.exists() else Reasons()
        kept = summarized(json.loads(Path(file).read_text()), known)
        (KEPT / f"{fork}.json").write_text(json.dumps(kept, indent=2) + "\n")
    PAGE.write_text(page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
