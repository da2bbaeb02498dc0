"""Answers our `git` in the steps' image (git.sh, `follow_answer`).

Lines through the pipe `answer`: `say TEXT`, `objects` (the file of that name holds a pack), `tree
ID`, `aside PATHSPEC`, `file NAME ID` (below `.git`), `quiet` (no editor), `word WORD` … `run`, and
finally `settled` or `stop`. `propose NUMBER SECONDS` runs a tool before that. The whole answer fits
into the pipe, so a step that does not read blocks nobody.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.proposals.ask import seconds_for
from resync_argo.attempt.proposals.proposal import Proposal
from resync_argo.attempt.resolve.proceed import Proceed
from resync_argo.attempt.resolve.settle import MAX_LOGGED, Settled
from resync_argo.attempt.steps.control import Control, Untrustworthy, write
from resync_argo.conflicts.objects import store_blobs
from resync_argo.git import Git

_PIPE_BYTES = 1 << 20
_MAX_BYTES = 60_000
_WAIT_SECONDS = 10.0


class Answers:
    """The pipe to the steps, held open so that a step notices the end of this process."""

    def __init__(self, attempt: Attempt) -> None:
        """Open it.

        Raises:
            Untrustworthy: it is not the pipe that checkout made.
        """
        file = Control(directory=attempt.layout.control).answer
        try:
            # Open for reading and writing, which does not wait for the other end (fifo(7)).
            self._pipe = os.open(file, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise Untrustworthy("A step replaced the pipe for answers.") from error
        if not stat.S_ISFIFO(os.fstat(self._pipe).st_mode):
            self.close()
            raise Untrustworthy("A step replaced the pipe for answers.")

    def close(self) -> None:
        """Close it."""
        os.close(self._pipe)

    def stop(self, log: tuple[str, ...] = (), proposals: Sequence[Proposal] = ()) -> None:
        """Tell the step to stop, and to run tools first."""
        seconds = seconds_for(proposals)
        tools = (f"propose {it.number} {seconds}" for it in proposals)
        self._send([*_said(log), *tools, "stop"])

    def proceed(self, attempt: Attempt, base: str, settled: Settled) -> None:
        """Tell the step to continue.

        Args:
            attempt: with the clones.
            base: a commit whose objects the steps' clone has.
            settled: the decisions.
        """
        if settled.proceed is None:
            self.stop(settled.log, settled.stop.proposals if settled.stop else ())
            return
        lines = _lines(attempt, base, settled.proceed)
        self._send([*_said(settled.log), *lines, "settled"])

    def _send(self, lines: list[str]) -> None:
        with suppress(BlockingIOError):
            # Discard what a terminated step has not read.
            while os.read(self._pipe, 1 << 16):
                pass
        text = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
        with suppress(OSError):
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._write(text)

    def _write(self, text: bytes) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while text and time.monotonic() < deadline:
            try:
                text = text[os.write(self._pipe, text) :]
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    return
                time.sleep(0.01)


def _said(log: tuple[str, ...]) -> Iterator[str]:
    size = 0
    for number, line in enumerate(log):
        text = "".join(char if char.isprintable() else "?" for char in line)[:400]
        size += len(text.encode(errors="replace"))
        if number >= MAX_LOGGED or size > _MAX_BYTES // 2:
            yield f"say … and {len(log) - number} more"
            return
        yield f"say {text}"


def _lines(attempt: Attempt, base: str, then: Proceed) -> Iterator[str]:
    git = attempt.repository
    files = dict(zip(then.files, store_blobs(git, then.files.values()), strict=True))
    replay = attempt.replay_input()
    wanted = [it for it in (then.tree, then.commit) if it is not None]
    # The steps' clone has both histories, with all files of both ends.
    bases = [base, *([replay.head, replay.tag_commit] if then.commit else [])]
    pack = _pack(git, bases, [*wanted, *files.values()])
    write(Control(directory=attempt.layout.control).objects, pack)
    yield "objects"
    if then.tree is not None:
        yield f"tree {then.tree}"
    for path in then.aside:
        yield f"aside {os.fsdecode(_literal(path))}~*"
    for name, oid in files.items():
        yield f"file {name} {oid}"
    if not then.edits:
        yield "quiet"
    # Not `--hard`: a script's uncommitted changes stay, or git refuses.
    to = () if then.commit is None else (("reset", "--quiet", "--keep", then.commit),)
    for command in (*to, *then.commands):
        for word in command:
            yield f"word {word}"
        yield "run"


def _pack(git: Git, bases: Sequence[str], wanted: list[str]) -> bytes:
    """Return a pack with the objects that the steps' clone lacks."""
    stdin = "".join(f"{word}\n" for word in (*wanted, *(f"^{it}" for it in bases))).encode()
    return git.run(
        "pack-objects", "--quiet", "--revs", "--stdout", "--missing=allow-any", stdin=stdin
    )


def _literal(name: bytes) -> bytes:
    """Return a path as a pathspec with glob semantics, on one line."""
    escaped = b"".join(b"\\" + bytes([it]) if it in b"\\*?[" else bytes([it]) for it in name)
    return escaped.replace(b"\n", b"[[:cntrl:]]")
