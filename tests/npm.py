"""Programs of npm that tests use, as a `package-lock.json` of theirs has them, once for each user."""

import hashlib
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.cluster.toolchain import cache_directory


def node_modules(folder: Path) -> Path:
    """Return what npm installs of a folder's lock, in `${XDG_CACHE_HOME:-~/.cache}/resync-argo/npm/`."""
    lock = (folder / "package-lock.json").read_bytes()
    name = f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    place = cache_directory() / "npm" / name
    if not place.exists():
        _install(folder, place)
    return place / "node_modules"


def _install(folder: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, scratch)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300)
        with suppress(OSError):  # another process was quicker
            Path(scratch).rename(place)
            Path(scratch).mkdir()
