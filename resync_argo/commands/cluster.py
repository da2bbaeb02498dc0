"""The commands for a cluster: `status`, `graph`, `retry`, `skip`, `rebuild`, `refresh`, `set`, `logs`."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from resync_argo.commands.examples import examples

if TYPE_CHECKING:
    from rich.console import Console

    from resync_argo.controller.kube.api import Kube
    from resync_argo.local.cluster.report import Format
    from resync_argo.local.cluster.requests import Verb

CONNECTIONS = 1
REFRESH_SECONDS = 2.0
READING = "Reading the cluster"
UNBOUNDED = 10_000
"""Columns of output that does not go to a terminal."""

_Command = TypeVar("_Command", bound=Callable[..., None])


def _where(command: _Command) -> _Command:
    """Add the options for the cluster and the namespace."""
    namespace = click.option(
        "-n",
        "--namespace",
        default="default",
        show_default=True,
        help="The namespace of Plans and Tags.",
    )
    kubeconfig = click.option(
        "--kubeconfig",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The cluster's kubeconfig file; KUBECONFIG by default.",
    )
    return namespace(kubeconfig(command))


def _connect(kubeconfig: Path | None) -> "Kube":
    from resync_argo.controller.kube.api import Kube

    return Kube.connect(connections=CONNECTIONS, kubeconfig=kubeconfig)


def _console() -> "Console":
    """Return the console for drawings; only a terminal folds lines, so that programs can read the rest."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=UNBOUNDED)


_ALL = click.option("-A", "--all-namespaces", is_flag=True, help="Use all namespaces.")


@click.command()
@_where
@_ALL
@click.option("-w", "--watch", is_flag=True, help="Keep running, and show what changes.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
    help="The output; all formats but text begin with what needs a person.",
)
@examples(
    "resync-argo status",
    "resync-argo status -A --watch",
    "resync-argo status -A --format html >index.html",
)
def status(
    *,
    namespace: str,
    kubeconfig: Path | None,
    all_namespaces: bool,
    watch: bool,
    form: "Literal['text', 'html', 'markdown', 'json']",
) -> None:
    """Show where each release stands, and what it waits for."""
    if form != "text":
        if watch:
            raise click.UsageError("`--watch` works only with `--format text`.")
        _report(form, kubeconfig, "" if all_namespaces else namespace)
        return
    _show_status(kubeconfig, "" if all_namespaces else namespace, watch=watch)


def _report(form: "Format", kubeconfig: Path | None, where: str) -> None:
    from resync_argo.controller.state.cluster import utc_now
    from resync_argo.environment import read_settings
    from resync_argo.local.cluster.report import report
    from resync_argo.local.cluster.view import read_view
    from resync_argo.local.console import progress

    with progress(READING):
        view = read_view(_connect(kubeconfig), where)
    runs_url = read_settings(os.environ).runs_url
    click.echo(report(view, form, utc_now(), namespace=where, runs_url=runs_url), nl=False)


def _show_status(kubeconfig: Path | None, where: str, *, watch: bool) -> None:
    from rich.live import Live

    from resync_argo.local.cluster.drawings import table
    from resync_argo.local.cluster.view import read_view, rows
    from resync_argo.local.console import progress

    kube, console = _connect(kubeconfig), _console()
    if not watch or not console.is_terminal:
        with progress(READING):
            view = read_view(kube, where)
        console.print(table(rows(view, datetime.now(UTC))))
        return
    # Ctrl-C ends it.
    with suppress(KeyboardInterrupt), Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(table(rows(read_view(kube, where), datetime.now(UTC))), refresh=True)
            time.sleep(REFRESH_SECONDS)


@click.command()
@_where
@_ALL
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "mermaid", "svg"]),
    default="tree",
    show_default=True,
)
@examples(
    "resync-argo graph",
    "resync-argo graph -A --format svg >graph.svg",
)
def graph(*, namespace: str, kubeconfig: Path | None, all_namespaces: bool, form: str) -> None:
    """Show which release follows which, and where each stands."""
    from resync_argo.local.cluster.drawings import mermaid, svg, tree
    from resync_argo.local.cluster.view import read_view
    from resync_argo.local.console import progress

    with progress(READING):
        view = read_view(_connect(kubeconfig), "" if all_namespaces else namespace)
    if form == "tree":
        _console().print(tree(view))
    else:
        click.echo(mermaid(view) if form == "mermaid" else svg(view))


_PLAN = click.option("-p", "--plan", help="For this Plan only.  [default: for every Plan]")


@click.command()
@click.argument("tag")
@_where
@_PLAN
@examples(
    "resync-argo retry kubernetes-1.21.2",
)
def retry(*, tag: str, namespace: str, kubeconfig: Path | None, plan: str | None) -> None:
    """Try a failed or skipped release again."""
    _ask("retry", tag, namespace, kubeconfig, plan)


@click.command()
@click.argument("tag")
@_where
@_PLAN
@examples(
    "resync-argo skip 1.21.2",
    "resync-argo skip 1.21.2 --plan z-release-4.8",
)
def skip(*, tag: str, namespace: str, kubeconfig: Path | None, plan: str | None) -> None:
    """Skip a release, queued or not, so that newer ones can go on."""
    _ask("skip", tag, namespace, kubeconfig, plan)


@click.command()
@click.argument("tag")
@_where
@_PLAN
@examples(
    "resync-argo rebuild kubernetes-1.21.2",
)
def rebuild(*, tag: str, namespace: str, kubeconfig: Path | None, plan: str | None) -> None:
    """Rebuild a release's branch without what people added to it."""
    _ask("rebuild", tag, namespace, kubeconfig, plan)


@click.command()
@click.argument("tag")
@_where
@_PLAN
@examples(
    "resync-argo refresh kubernetes-1.21.2",
)
def refresh(*, tag: str, namespace: str, kubeconfig: Path | None, plan: str | None) -> None:
    """Rebuild a release's open pull request on its current base."""
    _ask("refresh", tag, namespace, kubeconfig, plan)


@click.command("set")
@click.argument("tag")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE...")
@_where
@_PLAN
@examples(
    "resync-argo set kubernetes-1.21.2 JIRA=OCPBUGS-1",
    "resync-argo set 1.21.2 JIRA= --plan z-release-4.8",
)
def set_(
    *,
    tag: str,
    values: tuple[str, ...],
    namespace: str,
    kubeconfig: Path | None,
    plan: str | None,
) -> None:
    """Set parameters of a Plan for one release; NAME= unsets one."""
    from resync_argo.local.assignments import read_assignments
    from resync_argo.local.cluster.values import set_values
    from resync_argo.local.console import progress

    read = read_assignments(values)
    with progress(READING):
        name = set_values(_connect(kubeconfig), namespace, tag, read, plan=plan)
    click.echo(f"Set: {', '.join(read)} of {name}")


def _ask(verb: "Verb", tag: str, namespace: str, kubeconfig: Path | None, plan: str | None) -> None:
    from resync_argo.local.cluster.requests import ask
    from resync_argo.local.console import progress

    with progress(READING):
        kube = _connect(kubeconfig)
        asked = ask(kube, namespace, tag, verb, datetime.now(UTC), plan=plan)
    for name in asked:
        click.echo(f"Asked: {verb} {name}")


@click.command()
@click.argument("tag")
@click.argument("step", required=False)
@_where
@examples(
    "resync-argo logs kubernetes-1.21.2",
    "resync-argo logs 1.21.2 'Go mod tidy'",
)
def logs(*, tag: str, step: str | None, namespace: str, kubeconfig: Path | None) -> None:
    """Show the log of a release's newest attempt or of one step."""
    from resync_argo.local.cluster.logs import read_logs
    from resync_argo.local.cluster.requests import one_tag, syncs_of
    from resync_argo.local.cluster.view import read_view
    from resync_argo.local.console import progress, say

    kube = _connect(kubeconfig)
    with progress(READING):
        view = read_view(kube, namespace)
        found = one_tag(view, namespace, tag)
    for container, text in read_logs(kube, found, syncs_of(view, found), step):
        say(f"== {container}", "cyan")
        click.echo(text, nl=False)
