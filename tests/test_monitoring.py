"""Alerts and the dashboard ask only for metrics that the controller shows, and all of them are known."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from kubernetes import client
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from resync_argo.controller.build import build
from resync_argo.controller.forge.forges import connect_github
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.main import Controller, collector_of
from resync_argo.settings import Settings

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "manifests" / "monitoring"
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
}


def families(folder: Path) -> Iterator[Metric]:
    """Return each of our metrics, as a controller shows it that watches nothing yet."""
    settings = Settings()
    kube = Kube(client.Configuration())
    parts = build(kube, settings, connect_github(settings), folder)
    yield from collector_of(Controller(parts)).collect()
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


def asked_for(query: str) -> Iterator[promql_parser.VectorSelector]:
    """Parse a query as Prometheus does, and return every selector of metrics in it."""
    yield from _selectors(promql_parser.parse(query))


def _selectors(part: Any) -> Iterator[promql_parser.VectorSelector]:
    match part:
        case promql_parser.VectorSelector():
            yield part
        case promql_parser.MatrixSelector():
            yield part.vector_selector
        case promql_parser.BinaryExpr():
            yield from _selectors(part.lhs)
            yield from _selectors(part.rhs)
        case promql_parser.Call():
            for argument in part.args:
                yield from _selectors(argument)
        case promql_parser.AggregateExpr() | promql_parser.ParenExpr():
            yield from _selectors(part.expr)
        case promql_parser.NumberLiteral():
            pass
        case _:
            pytest.fail(f"the queries use a {type(part).__name__} that this test does not know")


@pytest.mark.parametrize("query", queries())
def test_queries_parse_and_ask_for_metrics_and_labels_that_exist(
    query: str, shown: dict[str, Metric]
) -> None:
    selectors = list(asked_for(query))

    assert selectors
    for selector in selectors:
        assert selector.name in shown
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= labels_of(shown[selector.name])


def labels_of(metric: Metric) -> set[str]:
    """Return the labels that docs/metrics.md names for a metric."""
    page = (ROOT / "docs" / "metrics.md").read_text()
    (cell,) = re.findall(rf"^\| `{metric.name}` \| \w+ \| ([^|]*) \|", page, re.M)
    return set(re.findall(r"`(\w+)`", cell))


@pytest.mark.parametrize("query", ["max(resync_syncs", "sum by (phase resync_syncs)"])
def test_a_query_with_a_mistake_is_noticed(query: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        promql_parser.parse(query)


def test_the_labels_of_the_page_are_those_that_are_shown(shown: dict[str, Metric]) -> None:
    for metric in shown.values():
        collected = {name for sample in metric.samples for name in sample.labels} - {"le"}
        assert collected <= labels_of(metric), metric.name


def test_every_metric_is_on_the_dashboard(shown: dict[str, Metric]) -> None:
    asked = {s.name for query in queries() for s in asked_for(query) if s.name}

    assert {shown[name].name for name in asked} == {family.name for family in shown.values()}


def test_every_metric_is_documented_with_its_help_text_and_no_other(
    shown: dict[str, Metric],
) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    rows = dict(re.findall(r"^\| `(resync_\w+)` \| \w+ \| [^|]* \| ([^|]+?) \|$", page, re.M))

    assert rows == {family.name: family.documentation for family in shown.values()}


def test_a_scrape_keeps_the_namespace_of_plans(shown: dict[str, Metric]) -> None:
    """Else Prometheus puts the controller's own in its place, and alerts add up what is apart."""
    monitor = yaml.safe_load((MONITORING / "service-monitor.yaml").read_text())
    (endpoint,) = monitor["spec"]["endpoints"]

    assert any("namespace" in labels_of(metric) for metric in shown.values())
    assert endpoint["honorLabels"] is True


def test_every_alert_is_explained_to_the_operator() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()

    for rule in rules():
        told = rule["annotations"]
        address, _, anchor = told["runbook_url"].partition("#")
        assert address == "https://resync-argo.invalid/docs/operate.md"
        assert anchor == rule["alert"].lower()
        assert told["summary"].endswith(".")
        assert told["description"].endswith(".")
        assert f"#### {rule['alert']}\n" in page


def test_the_dashboard_loads_its_data_from_a_source_that_the_reader_chooses() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    (variable,) = dashboard["templating"]["list"]

    assert (variable["name"], variable["type"]) == ("datasource", "datasource")
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
