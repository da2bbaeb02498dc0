"""Counts an API server's writes and lists of our kinds, by its own metrics."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from tests.apiserver.lab import Lab
from tests.cluster.kubectl import Kubectl

WRITTEN = ("plans", "tags", "syncs", "workflows", "workflowtemplates", "events")
"""The kinds that the controller writes."""

_OURS = ("plans", "tags", "syncs")
_WRITES = ("POST", "PUT", "PATCH", "DELETE", "APPLY")


def requests(kubectl: Kubectl) -> Counter[str]:
    """Return the requests in all namespaces since the start, whoever made them, such as `PATCH plans/status`."""
    counts: Counter[str] = Counter()
    for family in text_string_to_metric_families(kubectl.run("get", "--raw", "/metrics")):
        if family.name != "apiserver_request":
            continue
        for sample in family.samples:
            labels = sample.labels
            if labels["resource"] in WRITTEN and labels["code"].startswith("2"):
                part = f"/{labels['subresource']}" if labels["subresource"] else ""
                counts[f"{labels['verb']} {labels['resource']}{part}"] += int(sample.value)
    return counts


def writes_in(counts: Counter[str]) -> int:
    """Return how many of some requests were writes."""
    return sum(number for what, number in counts.items() if what.startswith(_WRITES))


def lists_in(counts: Counter[str]) -> int:
    """Return how many of some requests were lists, or pages of one."""
    return sum(number for what, number in counts.items() if what.startswith("LIST"))


def api_writes(kubectl: Kubectl) -> int:
    """Return an API server's number of writes of our kinds, whoever wrote."""
    return writes_in(requests(kubectl))


def status_writes(lab: Lab) -> int:
    """Return how many statuses of our kinds were written in all namespaces since the start."""
    counts = requests(lab.kubectl)
    return sum(counts[f"PATCH {plural}/status"] for plural in _OURS)
