"""The step's shell gets any script byte for byte, through Argo and Kubernetes."""

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.attempt.steps import control
from resync_argo.compile.escaping import escape_expansion, escape_script
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

STEP = Path(control.__file__).with_name("step.sh")


def place(folder: Path) -> Path:
    """Make a step's surroundings: the wrapper, a `git` without a task, and a clone."""
    inner = folder / ".resync"
    (inner / "bin").mkdir(parents=True)
    (folder / "repository").mkdir()
    (inner / "step").write_bytes(STEP.read_bytes())
    (inner / "env").touch()
    (inner / "bin" / "git").write_text("#!/bin/sh\n")
    (inner / "bin" / "git").chmod(0o755)
    return inner


def as_in_the_pod(text: str) -> str:
    """Return an argument as Kubernetes expands it: `$$` is `$`, and an undefined reference stays."""
    return re.sub(r"\$\$|\$\([^)]*\)", lambda it: "$" if it[0] == "$$" else "<expanded>", text)


def run(script: str) -> bytes:
    """Run a Plan's script as the pod does; return the content of its file `out`."""
    escaped = escape_script(script)
    arguments = [escaped.token, escape_expansion(escaped.text)]
    assert not any("{{" in it for it in arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        step = place(folder) / "step"
        argv = ["sh", str(step), "a", *map(as_in_the_pod, arguments)]
        environment = {"PATH": os.environ["PATH"], "RESYNC_TERMINATION_LOG": str(folder / "said")}
        done = subprocess.run(argv, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return (folder / "repository" / "out").read_bytes()


@examples(0.3)
@given(texts(without="\0", max_size=30), st.sampled_from(["", "\n", "\n\n", "\n#"]))
@example("{{.Dir}} $(pwd) $$ <@ <@@ {{{", "")
@example("\\1 & / {{ \n {{ \\", "\n")
@example("\r\n\x85\u2028é\ufeff", "")
@example("<@{{", "")
def test_a_text_in_a_script_arrives_byte_for_byte(text: str, end: str) -> None:
    assert run(f"printf %s {shlex.quote(text)} >out{end}") == text.encode()


@examples(0.3)
@given(texts(without="\0", max_size=30).filter(lambda it: "END" not in it))
@example("{{ $(x) `y` \\")
def test_a_document_in_a_script_arrives_line_by_line(text: str) -> None:
    assert run(f"cat >out <<'END'\n{text}\nEND\n") == f"{text}\n".encode()
