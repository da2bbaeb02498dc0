"""Log lines as JSON objects, one per line, each naming the object that the pass it comes from is about.

What collectors read: `time` (RFC 3339), `level`, `logger`, `object` (`Tag forks/kubernetes-1.21.2`, or empty), `message`,
and `exception` with the traceback of a fault of ours. Set up by `main`.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_OBJECT: ContextVar[str] = ContextVar("object", default="")


@contextmanager
def about(named: str) -> Iterator[None]:
    """Let every line that this thread logs while the block lasts name an object."""
    token = _OBJECT.set(named)
    try:
        yield
    finally:
        _OBJECT.reset(token)


class JsonLines(logging.Formatter):
    """Makes one line of JSON of a record, whatever its message holds."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "object": _OBJECT.get(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_standard_error() -> None:
    """Log from `info` upwards, other packages' lines included."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
