"""The clone that `preview` keeps between calls: one per pair of repositories, in the person's cache."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from resync_argo.contract import Layout
from resync_argo.local.place import remove
from resync_argo.names import short_hash


@contextmanager
def cached_layout(upstream: str, downstream: str, environ: Mapping[str, str]) -> Iterator[Layout]:
    """Provide the folders of a pair of repositories, to one process at a time.

    Args:
        upstream: URL of the one repository.
        downstream: URL of the other.
        environ: `XDG_CACHE_HOME` says where caches are (XDG Base Directory Specification).
    """
    home = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".cache"
    folder = Path(home) / "resync-argo" / short_hash(upstream, downstream, length=16)
    layout = Layout(trusted=folder, workspace=folder / "workspace", secrets=folder / "secrets")
    layout.repository.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Clear before, too: a killed process could not clean up after itself.
        _clear(layout)
        try:
            yield layout
        finally:
            _clear(layout)
    finally:
        os.close(lock)


def _clear(layout: Layout) -> None:
    """Remove tokens, and what a killed git leaves: half a pack, and locks that stop the next git."""
    remove(layout.secrets)
    clone = layout.repository
    for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*"):
        for left in clone.glob(pattern):
            left.unlink()
