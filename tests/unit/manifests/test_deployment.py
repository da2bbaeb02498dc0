"""The controller's pod has room for what it fetches."""

from pathlib import Path
from typing import Any

import yaml

from resync_argo.controller.build import build
from resync_argo.git import LOOK
from resync_argo.settings import Settings
from tests.fakes import FakeForges

DEPLOYMENT = Path(__file__).parents[3] / "manifests" / "controller" / "deployment.yaml"


def test_tmp_holds_all_looks_that_may_be_under_way(tmp_path: Path) -> None:
    kube: Any = object()
    pollers = build(kube, Settings(), FakeForges().connect, tmp_path).pollers
    looks = sum(it._threads for it in (pollers.permissions, pollers.resolutions, pollers.merges))
    (volume,) = yaml.safe_load(DEPLOYMENT.read_text())["spec"]["template"]["spec"]["volumes"]

    assert volume["name"] == "tmp"
    assert volume["emptyDir"] == {"sizeLimit": "1Gi"}
    assert LOOK.disk_bytes is not None
    assert looks * LOOK.disk_bytes <= 1 << 30
