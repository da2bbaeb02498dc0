"""A log line is one JSON object that names its subject."""

import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.log_context import about
from resync_argo.controller.serving.logs import JsonLines
from resync_argo.controller.state.keys import (
    TagKey,
    namespace_of,
    shown,
)


def lines(write: Callable[[logging.Logger], object]) -> list[dict[str, Any]]:
    target = io.StringIO()
    handler = logging.StreamHandler(target)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("resync_argo.controller.workers")
    logger.addHandler(handler)
    try:
        write(logger)
    finally:
        logger.removeHandler(handler)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def logged(write: Callable[[logging.Logger], object]) -> dict[str, Any]:
    (line,) = lines(write)
    return line


def test_a_line_names_the_object_of_its_reconcile() -> None:
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


def test_a_line_outside_of_a_reconcile_names_no_object() -> None:
    with about("Plan forks/z", "forks"):
        pass

    line = logged(lambda log: log.error("outside"))

    assert line["object"] == ""
    assert "namespace" not in line


def test_a_nested_reconcile_restores_the_outer_ones_name() -> None:
    with about("Plan forks/z", "forks"):
        with about("Tag other/1.21.2", "other"):
            inner = logged(lambda log: log.error("inner"))
        outer = logged(lambda log: log.error("outer"))

    assert (inner["object"], inner["namespace"]) == ("Tag other/1.21.2", "other")
    assert (outer["object"], outer["namespace"]) == ("Plan forks/z", "forks")


def test_each_thread_names_its_own_object() -> None:
    both_are_at_work = threading.Barrier(2, timeout=10)

    def work(log: logging.Logger, namespace: str) -> None:
        with about(f"Plan {namespace}/z", namespace):
            both_are_at_work.wait()
            log.error("at work in %s", namespace)
            both_are_at_work.wait()

    def start(log: logging.Logger) -> None:
        threads = [threading.Thread(target=work, args=(log, name)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    said = {line["message"]: (line["namespace"], line["object"]) for line in lines(start)}

    assert said == {
        "at work in one": ("one", "Plan one/z"),
        "at work in two": ("two", "Plan two/z"),
    }


def test_no_other_field_can_replace_the_object_and_its_namespace() -> None:
    with about("Plan forks/z", "forks"):
        extra = {"namespace": "other", "object": "Plan other/z"}
        line = logged(lambda log: log.error("of a library", extra=extra))

    assert (line["object"], line["namespace"]) == ("Plan forks/z", "forks")


def test_values_that_json_lacks_are_written_as_text() -> None:
    line = logged(lambda log: log.error("of a library", extra={"where": Path("folder")}))

    assert "folder" in line["where"]


def test_only_our_fields_are_written_and_the_time_comes_first() -> None:
    line = logged(lambda log: log.error("said"))

    assert next(iter(line)) == "time"
    assert line.keys() == {"time", "level", "logger", "object", "message"}


def test_a_bug_has_its_traceback_in_the_same_line() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            int("boom")
        except ValueError:
            log.exception("a bug in this program")

    line = logged(fail)

    assert line["message"] == "a bug in this program"
    assert line["exception"].startswith("Traceback")
    assert "ValueError: invalid literal" in line["exception"]
