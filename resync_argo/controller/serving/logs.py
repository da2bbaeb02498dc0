"""Formats log lines as JSON objects, one per line, each with the object that is being reconciled.

Fields for log collectors: `time` (RFC 3339), `level`, `logger`, `namespace` (of the object, if any,
so that tenants can read their own lines), `object` (`Tag forks/kubernetes-1.21.2`, or empty),
`message`, and `exception` with the traceback of a bug. Set up by `main`.
"""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from resync_argo.controller.log_context import subject


class JsonLines(JsonFormatter):
    """Formats a record as one line of JSON, whatever its message contains."""

    def __init__(self) -> None:
        """Define the fields of a line, and their names."""
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Add the line's object last, so that no other field can replace it."""
        namespace, named = subject()
        own = {"namespace": namespace} if namespace else {}
        level = {"level": log_data["level"].lower()}
        return {"time": log_data["time"]} | log_data | level | own | {"object": named}


def log_to_standard_error() -> None:
    """Log messages from `info` upwards, including those of other packages."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
