"""The folders of a run on this machine, which replace a pod's volumes.

`place` creates them for `run`, and removes them however the run ends, unless they are kept on
request. Tokens lie in files that only their owner can read, like a mounted Secret.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resync_argo.contract import Layout, Secret
from resync_argo.errors import UsageError


@contextmanager
def place(*, keep: bool) -> Iterator[Layout]:
    """Make the folders for the duration of the block; with `keep`, leave them if the block completes.

    Raises:
        UsageError: steps could not run programs in that place.
    """
    _check(Path(tempfile.gettempdir()))
    root = Path(tempfile.mkdtemp(prefix="resync-argo-"))
    layout = Layout(
        workspace=root / "workspace",
        trusted=root / "trusted",
        secrets=root / "secrets",
        argo=root / "argo",
        termination=root / "workspace" / "termination",
    )
    going = root
    try:
        for folder in (layout.workspace, layout.trusted, layout.secrets, layout.argo):
            folder.mkdir()
        yield layout
        if keep:
            # Secrets are removed even if the rest stays.
            going = layout.secrets
    finally:
        remove(going)


def _check(folder: Path) -> None:
    """Refuse a folder from which our `git` would never be run; conflicts would then go unseen."""
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        why = "is mounted `noexec`, so steps could not run our `git` there"
    elif ":" in str(folder):
        why = "has a `:` in its name, which PATH cannot hold"
    else:
        return
    raise UsageError(f"TMPDIR, {folder}, {why}: set TMPDIR to another folder.")


def write_secret(layout: Layout, name: Secret, key: str, value: str) -> None:
    """Write one key of a Secret."""
    folder = layout.secret(name)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(value)


def remove(root: Path) -> None:
    """Remove a folder, including folders in it that a program such as Go made read-only."""
    if not root.exists():
        return
    for folder, names, _ in os.walk(root):
        for name in names:
            inner = Path(folder, name)
            if not inner.is_symlink():
                inner.chmod(0o700)
    shutil.rmtree(root)
