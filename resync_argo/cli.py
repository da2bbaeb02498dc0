"""The command `resync-argo`: reads settings, builds adapters and runs one of our programs.

Imports are inside the commands, so that each loads only what it needs: help appears at once, and an
attempt's container stays small.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from resync_argo import __version__
from resync_argo.commands.cluster import graph, logs, rebuild, refresh, retry, set_, skip, status
from resync_argo.commands.compile import compile_
from resync_argo.commands.delta import delta
from resync_argo.commands.doctor import doctor
from resync_argo.commands.examples import examples
from resync_argo.commands.learn import learn
from resync_argo.commands.lint import lint
from resync_argo.commands.preview import preview
from resync_argo.commands.resolve import resolve
from resync_argo.commands.run import run
from resync_argo.commands.signals import exit_code
from resync_argo.commands.start import init, schema
from resync_argo.commands.sync import sync
from resync_argo.errors import ResyncError, UsageError

PLUGIN = "kubectl-resync"
"""The name under which kubectl finds the program as its plugin ("Extend kubectl with plugins")."""

IN_CLUSTER = ("controller", "attempt")
"""Commands that run in pods."""


class _Shown(click.ClickException):
    """One of our errors on its way to the terminal."""


class _UsageShown(_Shown):
    """The person has to ask for something else."""

    exit_code = 2


class _Group(click.Group):
    """Shows our errors as their one sentence and others in one line; tracebacks with --debug."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ResyncError as error:
            if ctx.params.get("debug"):
                raise
            shown = _UsageShown if isinstance(error, UsageError) else _Shown
            raise shown(str(error)) from error
        except KeyboardInterrupt as interrupt:
            click.echo("Aborted!", err=True)
            raise click.exceptions.Exit(exit_code(interrupt)) from interrupt
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            # The reader of our output may have seen enough: click then ends silently.
            raise
        except Exception as error:
            # Programs of the cluster have logs, which need the whole traceback.
            if ctx.params.get("debug") or ctx.invoked_subcommand in IN_CLUSTER:
                raise
            if isinstance(error, FileNotFoundError) and error.filename == "git":
                raise _UsageShown("There is no `git` on this machine: install it.") from error
            what = f"{type(error).__name__}: {error}"
            raise _Shown(f"{what} (unexpected; `resync-argo --debug …` shows where)") from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="resync-argo")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def cli(*, debug: bool) -> None:
    """Keep downstream forks in step with their upstream's releases, on Argo Workflows."""


@cli.command()
@examples(
    "KUBECONFIG=~/.kube/config RESYNC_LEADER_ELECTION_NAMESPACE= resync-argo controller",
)
def controller() -> None:
    """Run the controller: watch Plans and Tags of a cluster, and sync.

    Settings come from RESYNC_* variables; the cluster from KUBECONFIG or the pod's account.
    """
    from resync_argo.controller.main import run
    from resync_argo.environment import read_settings

    run(read_settings(os.environ))


@cli.command(hidden=True)
@click.argument("role", type=click.Choice(["checkout", "action", "main"]))
@click.argument("container")
def attempt(role: str, container: str) -> None:
    """Run one of our own containers of an attempt's pod."""
    from resync_argo.attempt.container import run

    sys.exit(run(role, container, os.environ))


_LOCAL = (init, schema, lint, preview, delta, doctor, learn, run, resolve, sync, compile_)
_CLUSTER = (status, graph, retry, skip, rebuild, refresh, set_, logs)
for command in (*_LOCAL, *_CLUSTER):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the entry point of the installed program."""
    is_plugin = Path(sys.argv[0]).name == PLUGIN
    cli(arguments, prog_name="kubectl resync" if is_plugin else None)
