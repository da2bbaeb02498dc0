"""The samples are the founding document's, and a diff shows the corrections of its Plan."""

import difflib
from pathlib import Path

import yaml

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag

SAMPLES = Path(__file__).parents[2] / "samples"


def _lines(name: str) -> list[str]:
    return (SAMPLES / name).read_text().splitlines(keepends=True)


def test_the_diff_shows_the_corrections() -> None:
    diff = difflib.unified_diff(
        _lines("plan.yaml"), _lines("plan-mended.yaml"), "plan.yaml", "plan-mended.yaml", n=1
    )

    assert (SAMPLES / "plan-mended.diff").read_text() == "".join(diff)


def test_the_samples_are_readable() -> None:
    plan = Plan.parse(yaml.safe_load((SAMPLES / "plan.yaml").read_text()))
    manifest = yaml.safe_load((SAMPLES / "tag.yaml").read_text())
    tag = Tag.parse({part: manifest[part] for part in ("metadata", "spec")})

    assert [step.title for step in plan.spec.steps][-2:] == ["Create PR", "slack-notification"]
    assert tag.version == "1.21.2"
