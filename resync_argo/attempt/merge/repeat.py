"""Repeats a merge with strategy options, which `git merge-tree` takes only since 2.44.

`git merge` itself runs in the bench, whose work tree has only conflicted files.
"""

import os
from collections.abc import Iterator

from resync_argo.attempt.merge.bench import THEIRS
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.record import Entry
from resync_argo.git import Git, GitError

_EMPTY = "0" * 40


def repeat(bench: Git, options: MergeOptions) -> tuple[str, dict[bytes, dict[int, Entry]]]:
    """Merge the bench's second branch into its first.

    Returns:
        The tree with marker lines where contents conflict, and the stages of the unmerged paths.

    Raises:
        GitError: git refuses; the error has its message.
    """
    # Git's own default since 2.34; `recursive` is the same since 2.50.
    strategy = {"resolve": "resolve", "subtree": "subtree"}.get(options.strategy or "", "ort")
    words = [f"--strategy-option={it}" for it in options.options]
    done = bench.attempt(
        *("merge", "--quiet", "--no-commit", "--no-ff", "--allow-unrelated-histories"),
        *(f"--strategy={strategy}", *words, THEIRS),
    )
    stages = _stages(bench)
    if done.returncode and not stages:
        said = (done.stderr + done.stdout).decode(errors="replace")
        raise GitError(("merge",), done.returncode, said)
    removed = b"".join(f"0 {_EMPTY}\t".encode() + path + b"\0" for path in stages)
    shown = b"".join(_shown(bench, stages))
    bench.run("update-index", "-z", "--index-info", stdin=removed + shown)
    return bench.text("write-tree", "--missing-ok"), stages


def _stages(bench: Git) -> dict[bytes, dict[int, Entry]]:
    stages: dict[bytes, dict[int, Entry]] = {}
    for line in bench.run("ls-files", "-u", "-z").split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        mode, oid, stage = meta.decode().split(" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, oid)
    return stages


def _shown(bench: Git, stages: dict[bytes, dict[int, Entry]]) -> Iterator[bytes]:
    """Yield index lines, with the files that git left in the work tree if both sides have one."""
    paths = [path for path, entries in stages.items() if _is_shown(bench, path, entries)]
    at_once = [path for path in paths if b"\n" not in path and not path.startswith(b'"')]
    # As git would add them: a work tree may have different line endings.
    names = b"".join(path + b"\n" for path in at_once)
    hashed = bench.run("hash-object", "-w", "--stdin-paths", stdin=names).decode().split()
    found = dict(zip(at_once, hashed, strict=True))
    for path in paths:
        oid = found.get(path) or bench.text("hash-object", "-w", "--", path)
        yield f"{stages[path][2].mode} {oid}\t".encode() + path + b"\0"


def _is_shown(bench: Git, path: bytes, entries: dict[int, Entry]) -> bool:
    file = os.path.join(os.fsencode(bench.directory), path)
    is_text = all(stage in entries and entries[stage].is_file for stage in (2, 3))
    return is_text and not os.path.islink(file) and os.path.isfile(file)
