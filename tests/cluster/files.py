"""Files that are whole or not there, whoever is killed meanwhile."""

import os
from pathlib import Path


def write_whole(file: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file under another name and rename it, so that nobody ever reads a half of it."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.touch(mode=mode)
    unfinished.write_text(text)
    unfinished.rename(file)
