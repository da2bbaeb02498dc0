"""The exit code of a program that a signal ended."""

import signal

import click
import pytest
from click.testing import CliRunner

from resync_argo.cli import cli
from resync_argo.commands.signals import Ended


@pytest.mark.parametrize(
    ("interrupt", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Ended(signal.SIGTERM), 143),
        (Ended(signal.SIGHUP), 129),
    ],
)
def test_the_exit_code_is_128_and_the_signals_number(
    monkeypatch: pytest.MonkeyPatch, interrupt: KeyboardInterrupt, code: int
) -> None:
    def end() -> None:
        raise interrupt

    monkeypatch.setitem(cli.commands, "end", click.Command("end", callback=end))

    done = CliRunner().invoke(cli, ["end"])

    assert done.exit_code == code
    assert done.output == "Aborted!\n"
