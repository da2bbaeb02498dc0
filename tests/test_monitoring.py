"""Alerts and the dashboard ask only for metrics that the controller shows, and all of them are known."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from resync_argo.controller.forges import connect_github
from resync_argo.controller.kube import Kube
from resync_argo.controller.main import build_world
from resync_argo.controller.metrics import Collector
from resync_argo.settings import Settings

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "manifests" / "monitoring"
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
}


def families(folder: Path) -> Iterator[Metric]:
    """Return every metric of ours, as a controller shows it that watches nothing yet."""
    settings = Settings()
    kube = Kube(client.Configuration())
    world = build_world(kube, settings, connect_github(settings), folder)
    yield from Collector(world, lambda: True).collect()
    yield from (metric for metric in REGISTRY.collect() if metric.name.startswith("resync_"))


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, Metric]:
    """The metrics by the names that queries use."""
    return {
        f"{family.name}{suffix}": family
        for family in families(tmp_path)
        for suffix in SUFFIXES[family.type]
    }


def rules() -> list[dict[str, Any]]:
    manifest = yaml.safe_load((MONITORING / "rules.yaml").read_text())
    return [rule for group in manifest["spec"]["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    found: list[dict[str, Any]] = dashboard["panels"]
    return found


def queries() -> list[str]:
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*asked, *(rule["expr"] for rule in rules())]


def test_queries_ask_for_metrics_that_exist(shown: dict[str, Metric]) -> None:
    for query in queries():
        names = re.findall(r"\bresync_\w+", query)
        assert names, query
        assert set(names) <= shown.keys(), query


def test_every_metric_is_on_the_dashboard(shown: dict[str, Metric]) -> None:
    asked = {name for query in queries() for name in re.findall(r"\bresync_\w+", query)}

    assert {shown[name].name for name in asked} == {family.name for family in shown.values()}


def test_every_metric_is_documented_with_its_help_text_and_no_other(
    shown: dict[str, Metric],
) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    rows = dict(re.findall(r"^\| `(resync_\w+)` \| \w+ \| [^|]* \| ([^|]+?) \|$", page, re.M))

    assert rows == {family.name: family.documentation for family in shown.values()}


def test_every_alert_is_explained_to_the_operator() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()

    for rule in rules():
        anchor = rule["annotations"]["runbook"].removeprefix("docs/operate.md#")
        assert anchor == rule["alert"].lower()
        assert f"#### {rule['alert']}\n" in page


def test_the_dashboard_loads_its_data_from_a_source_that_the_reader_chooses() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    (variable,) = dashboard["templating"]["list"]

    assert (variable["name"], variable["type"]) == ("datasource", "datasource")
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
