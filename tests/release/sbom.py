"""The software bill of materials: the locked Python packages of the image, in CycloneDX's format."""

import os
import sys
from pathlib import Path

from tests.release.programs import run
from tests.release.source import Source

LOCK = "manifests/image/requirements.txt"


def write_sbom(source: Source, target: Path) -> None:
    """Write it into a folder.

    Raises:
        ReleaseError: cyclonedx-py failed.
    """
    run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"),
            *("--pyproject", "pyproject.toml", "--mc-type", "application", "--output-format=JSON"),
            *("--output-file", target / f"resync-argo-{source.version}.cdx.json", LOCK),
        ],
        folder=source.folder,
        environment={**os.environ, "SOURCE_DATE_EPOCH": str(source.epoch)},
    )
