"""A log line is one JSON object that names what it is about."""

import io
import json
import logging
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.serving.logs import JsonLines, about
from resync_argo.controller.state.keys import BranchKey, Key, PlanKey, TagKey, UpstreamKey, shown


def logged(write: Any) -> dict[str, Any]:
    target = io.StringIO()
    handler = logging.StreamHandler(target)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("resync_argo.controller.workers")
    logger.addHandler(handler)
    try:
        write(logger)
    finally:
        logger.removeHandler(handler)
    (line,) = target.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_names_the_object_of_its_pass() -> None:
    with about(shown(TagKey(ObjectKey("forks", "kubernetes-1.21.2")))):
        line = logged(lambda log: log.warning('%s said "no"\nand more', "Slack"))

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "resync_argo.controller.workers",
        "object": "Tag forks/kubernetes-1.21.2",
        "message": 'Slack said "no"\nand more',
    }
    assert logged(lambda log: log.error("outside"))["object"] == ""


def test_a_fault_of_ours_has_its_traceback_in_the_same_line() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            int("boom")
        except ValueError:
            log.exception("a bug of this program")

    assert "ValueError: invalid literal" in logged(fail)["exception"]


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (PlanKey(ObjectKey("forks", "z")), "Plan forks/z"),
        (UpstreamKey("forks", "h/up/p", "secret"), "Upstream forks/h/up/p"),
        (BranchKey("forks", "h/down/p", "main"), "Branch forks/h/down/p main"),
    ],
)
def test_every_key_has_a_name_that_people_know(key: Key, named: str) -> None:
    assert shown(key) == named
