"""`python -m tests.chaos --seconds 600 --syncs 10 [--seed S]`: chaos on the local cluster; prints the counts.

Exit code 1: something is wrong, and it says what.
"""

import argparse
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.chaos import Chaos, Report
from tests.cluster.cluster import state_directory
from tests.cluster.namespaces import describe
from tests.world.standalone import standalone_world

NAMESPACE = "resync-chaos"


def main() -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--syncs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--evidence", type=Path, help="where logs go if something is wrong")
    given = parser.parse_args()
    # An end from outside repairs what is broken, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"seed {given.seed}: {given.syncs} syncs, {given.seconds:g} s", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        standalone_world(NAMESPACE, Path(folder)) as world,
    ):
        try:
            chaos = Chaos(
                world=world,
                state=state_directory(),
                seed=given.seed,
                seconds=given.seconds,
                syncs=given.syncs,
            )
            report = chaos.run()
            if report.wrong and given.evidence:
                log = world.controller.log.read_text(errors="replace")
                story = "\n".join(map(str, report.seen))
                given.evidence.write_text(f"{story}\n\n{log}\n\n{describe(world.kubectl)}")
        finally:
            world.kubectl.run("delete", "namespace", NAMESPACE, "--wait=false")
    show(report)
    return 1 if report.wrong else 0


def show(report: Report) -> None:
    """Print the counts, and what is wrong."""
    table = Table("", "", "count")
    for section, counts in report.counts.items():
        for what, count in counts.items():
            table.add_row(section, what, str(count))
        table.add_section()
    console = Console(width=100)
    console.print(table)
    console.print(f"at rest after {report.rest_seconds:.0f} s")
    for sentence in report.wrong:
        console.print(f"wrong: {sentence}", markup=False)
    console.print("All is well." if not report.wrong else f"{len(report.wrong)} things are wrong.")


if __name__ == "__main__":
    sys.exit(main())
