"""The command line helps, starts quickly, and prints errors in one line."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from resync_argo.cli import cli

PROGRAM = Path(sys.executable).with_name("resync-argo")
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "cli.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = re.compile(r"^```\n\$ resync-argo (.+)\n((?:.*\n)*?)```$", re.MULTILINE)
"""A command on a page, and what it prints."""
COMMANDS = sorted(name for name, command in cli.commands.items() if not command.hidden)
HEAVY = ("pydantic", "yaml", "rich", "kubernetes", "hera", "github", "slack_sdk", "jsonschema")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_commands_help_has_examples(name: str) -> None:
    told = CliRunner().invoke(cli, [name, "--help"])

    assert told.exit_code == 0
    assert "Example" in told.output
    assert f"resync-argo {name}" in told.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_in_the_documentation(name: str) -> None:
    text = DOCS.read_text()
    section = re.split(rf"^## `{name}[ `].*$", text, flags=re.MULTILINE)[-1].split("\n## ")[0]
    command = cli.commands[name]
    options = [it for it in command.params if isinstance(it, click.Option)]

    assert f"\n## `{name}" in text
    assert [it.opts[-1] for it in options if f"`{it.opts[-1]}" not in section] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_show_what_the_program_prints(page: Path) -> None:
    for command, shown in SHOWN.findall(page.read_text()):
        done = subprocess.run(
            [PROGRAM, *shlex.split(command)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout == shown


def test_the_pages_show_output() -> None:
    assert [page.name for page in PAGES if SHOWN.search(page.read_text())]


def test_help_loads_only_what_it_needs() -> None:
    program = f"import sys, resync_argo.cli; print([m for m in {HEAVY!r} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_an_invalid_plan_is_reported_with_its_place_and_no_traceback(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("apiVersion: resync.openshift.io/v1alpha1\nkind: Plan\nspec: {}\n")

    told = CliRunner().invoke(cli, ["run", str(plan), "--tag", "1.0.0"])

    assert told.exit_code == 2
    assert f"{plan}:3:7: error: `config`, `steps` must be given" in told.output
    assert "Traceback" not in told.output


def test_an_unexpected_error_is_one_line_and_has_a_traceback_only_with_debug(
    tmp_path: Path,
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("kind: Plan\n")
    words = ["lint", str(plan)]

    def invoke(*options: str) -> subprocess.CompletedProcess[str]:
        program = (
            "import pathlib, resync_argo.cli as c, sys; pathlib.Path.read_text = None; c.main()"
        )
        argv = [sys.executable, "-c", program, *options, *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    plain, debug = invoke(), invoke("--debug")

    assert plain.returncode == debug.returncode == 1
    assert plain.stderr.count("\n") == 1
    assert "--debug" in plain.stderr
    assert "Traceback" in debug.stderr


def test_a_closed_pipe_is_not_an_error(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("kind: Plan\n---\n" * 1000)

    with subprocess.Popen(
        [PROGRAM, "lint", plan], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert told == b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_exists_for_three_shells(shell: str) -> None:
    done = subprocess.run(
        [PROGRAM],
        env=os.environ | {"_RESYNC_ARGO_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f"_RESYNC_ARGO_COMPLETE={shell}_complete" in done.stdout
