"""The Python packages: a wheel and the source distribution that it is built from."""

import os
import sys
from pathlib import Path

from tests.release.programs import run
from tests.release.source import Source


def build_packages(source: Source, target: Path) -> None:
    """Write both into a folder, built by the pinned hatchling of the group `release`.

    Raises:
        ReleaseError: they cannot be built.
    """
    run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source.folder],
        environment={**os.environ, "SOURCE_DATE_EPOCH": str(source.epoch)},
    )
