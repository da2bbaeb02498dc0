"""`python -m tests.cluster up|down|status|env`: the local cluster from the command line."""

import argparse
import os
import shlex
import sys
from contextlib import redirect_stdout

from tests.cluster import processes
from tests.cluster.cluster import coordinates, down, is_up, state_directory, up
from tests.cluster.told import in_one_line
from tests.cluster.toolchain import binary


def main() -> int:
    """Run one command; say in one line why if it fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "env"])
    command = parser.parse_args().command
    with in_one_line(f"python -m tests.cluster {command}"):
        return {"up": _up, "down": _down, "status": _status, "env": _env}[command]()


def _up() -> int:
    found = up()
    print(f"The cluster is up. KUBECONFIG={found.kubeconfig}")
    print(f"Argo server: {found.argo_server} (API only: its web UI is not part of the Go module)")
    return 0


def _down() -> int:
    down()
    print("The cluster is down.")
    return 0


def _status() -> int:
    state = state_directory()
    for process in reversed(processes.recorded(state)):
        print(f"{process.name:25} {'runs' if processes.is_alive(process) else 'ended'}")
    running = is_up(state)
    print("The cluster is up." if running else "The cluster is not up.")
    return 0 if running else 1


def _env() -> int:
    """Print what a shell evaluates to use the cluster with kubectl and argo, and nothing else."""
    with redirect_stdout(sys.stderr):  # a program that is still to be built says so
        folders = dict.fromkeys(str(binary(name).parent) for name in ("kubectl", "argo"))
    found = coordinates(state_directory())
    print(f"export KUBECONFIG={shlex.quote(str(found.kubeconfig))}")
    print(f"export PATH={shlex.quote(':'.join([*folders, os.environ['PATH']]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
