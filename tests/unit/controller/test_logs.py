"""A log line is one JSON object that names what it is about."""

import io
import json
import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.serving.logs import JsonLines, about
from resync_argo.controller.state.keys import BranchKey, Key, PlanKey, TagKey, UpstreamKey, namespace_of, shown


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
    key = TagKey(ObjectKey("forks", "kubernetes-1.21.2"))
    with about(shown(key), namespace_of(key)):
        line = logged(lambda log: log.warning('%s said "nö"\nand more', "Slack"))

    assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta(0)
    assert line == {
        "level": "warning",
        "logger": "resync_argo.controller.workers",
        "namespace": "forks",
        "object": "Tag forks/kubernetes-1.21.2",
        "message": 'Slack said "nö"\nand more',
    }


def test_a_line_outside_of_a_pass_is_about_nothing() -> None:
    with about("Plan forks/z", "forks"):
        pass

    line = logged(lambda log: log.error("outside"))

    assert line["object"] == ""
    assert "namespace" not in line


def test_a_pass_within_a_pass_gives_the_outer_one_its_name_back() -> None:
    with about("Plan forks/z", "forks"):
        with about("Tag other/1.21.2", "other"):
            inner = logged(lambda log: log.error("inner"))
        outer = logged(lambda log: log.error("outer"))

    assert (inner["object"], inner["namespace"]) == ("Tag other/1.21.2", "other")
    assert (outer["object"], outer["namespace"]) == ("Plan forks/z", "forks")


def test_each_thread_names_its_own_object() -> None:
    said: list[dict[str, Any]] = []

    def work(namespace: str) -> None:
        with about(f"Plan {namespace}/z", namespace):
            both_are_at_work.wait(timeout=10)
            said.append(logged(lambda log: log.error("at work")))

    both_are_at_work = threading.Barrier(2)
    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(line["object"] for line in said) == ["Plan one/z", "Plan two/z"]
    assert all(line["object"] == f"Plan {line['namespace']}/z" for line in said)


def test_no_other_field_passes_for_the_object_and_its_namespace() -> None:
    with about("Plan forks/z", "forks"):
        extra = {"namespace": "other", "object": "Plan other/z"}
        line = logged(lambda log: log.error("of a library", extra=extra))

    assert (line["object"], line["namespace"]) == ("Plan forks/z", "forks")


def test_what_json_does_not_know_is_written_as_text() -> None:
    line = logged(lambda log: log.error("of a library", extra={"where": Path("folder")}))

    assert "folder" in line["where"]


def test_only_our_fields_are_written_and_the_time_comes_first() -> None:
    line = logged(lambda log: log.error("said"))

    assert next(iter(line)) == "time"
    assert line.keys() == {"time", "level", "logger", "object", "message"}


def test_a_fault_of_ours_has_its_traceback_in_the_same_line() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            int("boom")
        except ValueError:
            log.exception("a bug of this program")

    line = logged(fail)

    assert line["message"] == "a bug of this program"
    assert line["exception"].startswith("Traceback")
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (PlanKey(ObjectKey("forks", "z")), "Plan forks/z"),
        (UpstreamKey("forks", "h/up/p", "secret"), "Upstream forks/h/up/p"),
        (BranchKey("forks", "h/down/p", "main"), "Branch forks/h/down/p main"),
    ],
)
def test_every_key_has_a_name_that_people_know_and_a_namespace(key: Key, named: str) -> None:
    assert shown(key) == named
    assert namespace_of(key) == "forks"
