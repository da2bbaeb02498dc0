"""Help pages show one example on each line, as you type it."""

import click
import pytest
from click.testing import CliRunner

from resync_argo.cli import cli

SHOWN = [name for name, command in cli.commands.items() if not command.hidden]


@pytest.mark.parametrize("name", SHOWN)
def test_each_example_has_a_line_of_its_own(name: str) -> None:
    page = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).output

    lines = page.splitlines()
    assert not [line for line in lines if "\b" in line or "\\b" in line]
    examples = lines[lines.index("  Examples:") + 1 : lines.index("Options:") - 1]
    assert examples
    for example in examples:
        assert example.startswith("    ")
        assert f"resync-argo {name}" in example
        assert example.count("resync-argo") == 1


def test_examples_use_existing_options() -> None:
    for name in SHOWN:
        command = cli.commands[name]
        known = {
            word for option in command.params for word in (*option.opts, *option.secondary_opts)
        }
        text = click.Context(command).command.help or ""
        words = {word for word in text.partition("Examples:")[2].split() if word.startswith("-")}
        assert words <= known, name
