"""With check-jsonschema, the schema accepts every Plan of the gallery, and refuses what a cluster drops."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from resync_argo.local.start.schema import plan_schema

ROOT = Path(__file__).parents[4]
GALLERY = sorted((ROOT / "workflow-templates" / "gallery").glob("*/plan.yaml"))


def test_check_jsonschema_accepts_the_gallery(tmp_path: Path) -> None:
    schema = tmp_path / "plan.schema.json"
    schema.write_text(plan_schema())
    program = str(Path(sys.executable).with_name("check-jsonschema"))

    argv = [program, "--schemafile", str(schema), *map(str, GALLERY)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    sound = [program, "--check-metaschema", str(schema)]

    assert GALLERY
    assert done.returncode == 0, done.stdout
    assert subprocess.run(sound, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "config", "imgae"), "x"),
        (("spec", "config", "order"), "Newest"),
        (("spec", "steps"), []),
        (("kind",), "Plam"),
        (("metadata",), {}),
    ],
)
def test_errors_are_refused(path: tuple[str, ...], value: object) -> None:
    plan: dict[str, Any] = yaml.safe_load(GALLERY[0].read_text())
    place = plan
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    assert list(Draft7Validator(json.loads(plan_schema())).iter_errors(plan))
