"""Where a release comes from: an in-toto statement with SLSA's predicate (https://slsa.dev/spec/v1.0/provenance)."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.release.sbom import LOCK
from tests.release.source import Source

FILE = "provenance.intoto.json"
TOOLS = ("build", "cyclonedx-bom", "hatchling")
"""The Python packages that make the artifacts, pinned in the group `release`."""


def write_provenance(
    source: Source, target: Path, *, images: Mapping[str, str], builder: str
) -> None:
    """Write the statement about all files of a folder, and about images, into that folder.

    Args:
        source: what they are made of.
        target: the folder.
        images: name of each image that was pushed -> its digest, `sha256:…`.
        builder: the URI of who or what ran this build.
    """
    subjects = [
        {"name": file.name, "digest": {"sha256": sha256(file)}} for file in sorted(target.iterdir())
    ]
    subjects += [
        {"name": image, "digest": {"sha256": digest.removeprefix("sha256:")}}
        for image, digest in images.items()
    ]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:resync-argo:make-release:v1",
                "externalParameters": {"commit": source.commit, "images": sorted(images)},
                "internalParameters": {"SOURCE_DATE_EPOCH": str(source.epoch)},
                "resolvedDependencies": _materials(source),
            },
            "runDetails": {"builder": {"id": builder}},
        },
    }
    (target / FILE).write_text(json.dumps(statement, indent=2) + "\n")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _materials(source: Source) -> list[dict[str, Any]]:
    """Return what the build read: the commit, the files that pin its packages by hash, and the tools."""
    return [
        {"name": "source", "digest": {"gitCommit": source.commit}},
        *(
            {"name": file, "digest": {"sha256": sha256(source.folder / file)}}
            for file in ("pyproject.toml", LOCK, "Containerfile")
        ),
        *({"uri": f"pkg:pypi/{tool}@{version(tool)}"} for tool in TOOLS),
    ]
