"""How often the API server wrote a status of our kinds, by its own count."""

from prometheus_client.parser import text_string_to_metric_families

from tests.apiserver.lab import Lab

_OURS = ("plans", "tags", "syncs")


def status_writes(lab: Lab) -> float:
    """Return how many statuses of our kinds were written in all namespaces since the start."""
    text = lab.kubectl.run("get", "--raw", "/metrics")
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        if family.name == "apiserver_request"
        for sample in family.samples
        if sample.labels.get("verb") == "PATCH"
        and sample.labels.get("subresource") == "status"
        and sample.labels.get("resource") in _OURS
        and sample.labels.get("code") == "200"
    )
