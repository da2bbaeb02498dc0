"""docs/troubleshooting.md names reasons that the program gives, and settings that it has."""

import re
from pathlib import Path

from resync_argo.reasons import sections
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Section
from resync_argo.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text()

# Words of Kubernetes, and of kinds.
OTHERS = {
    *("Conflict", "Failed", "Finished", "Skipped", "Pending", "PodInitializing"),
    *("ErrImagePull", "ImagePullBackOff", "FailedScheduling", "FailedMount", "FailedCreate"),
}


def test_every_reason_is_one_of_the_program() -> None:
    known = {str(it) for it in REASONS} | OTHERS
    known |= {str(it) for it in vars(sections).values() if isinstance(it, Section)}

    named = set(re.findall(r"`([A-Z][A-Za-z]*[a-z])`", PAGE))

    assert len(named & {str(it) for it in REASONS}) > 20
    assert named - known == set()


def test_every_setting_is_one_of_the_program() -> None:
    named = set(re.findall(r"`RESYNC_(\w+)`", PAGE))

    assert named
    assert named - {it.upper() for it in Settings.model_fields} == set()
