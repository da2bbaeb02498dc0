"""The packages that the image has: what `manifests/image/requirements.txt` pins."""

import re
from pathlib import Path

LOCK = Path(__file__).parents[2] / "manifests" / "image" / "requirements.txt"


def locked_packages(lock: Path = LOCK) -> set[str]:
    """Return the names of all packages of a lock, as `normalised` writes them."""
    return {normalised(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text(), re.M)}


def normalised(name: str) -> str:
    """Return a package's name as all of its spellings are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
