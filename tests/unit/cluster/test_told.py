"""A failed start says in one line what to do, and writes the traceback to a file."""

import re
from pathlib import Path

import pytest

from tests.cluster.errors import ClusterError
from tests.cluster.told import in_one_line, summary
from tests.forge.face.backend import GiteaRefused


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ClusterError("install Go 1.26 or newer"), "install Go 1.26 or newer."),
        (
            ClusterError("etcd ended; its log ends with:\n\n  a\n  b\n"),
            "etcd ended; its log ends with: b.",
        ),
        (TimeoutError("waited 30 s for containerd"), "waited 30 s for containerd."),
        (GiteaRefused(401, "token is required"), "token is required."),
        (KeyError("sha1"), "KeyError: 'sha1'."),
        (OSError(98, "Address already in use"), "OSError: [Errno 98] Address already in use."),
        (ValueError(), "ValueError: it says no more."),
    ],
    ids=lambda it: type(it).__name__,
)
def test_an_error_is_one_sentence(error: Exception, expected: str) -> None:
    assert summary(error) == expected


def test_a_long_message_is_cut() -> None:
    assert len(summary(ClusterError("x" * 5000))) == 300


@pytest.mark.parametrize("error", [ClusterError("no Go"), IndexError("list index out of range")])
def test_no_failure_prints_a_traceback(
    error: Exception,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(SystemExit) as ended, in_one_line("make demo-cluster"):
        raise error

    said = capsys.readouterr().err
    (file,) = re.findall(r"^\((.+\.log) has all of it\.\)$", said, re.M)
    assert ended.value.code == 1
    assert "Traceback" not in said
    assert said.splitlines()[0].endswith("Then run `make demo-cluster` again.")
    assert "Traceback" in Path(file).read_text()


def test_an_interrupt_prints_nothing() -> None:
    with pytest.raises(KeyboardInterrupt), in_one_line("make up"):
        raise KeyboardInterrupt
