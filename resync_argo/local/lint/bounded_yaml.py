"""Reads untrusted YAML within bounds: of bytes, depth, and expanded aliases.

A few lines of nested aliases can expand to more values than memory holds, so values count again
wherever an alias repeats them. `documents` reads files with this.
"""

from typing import Any

import yaml

MAX_BYTES = 3 * 1024 * 1024
"""The API server reads no more at once (its limit for a request's body)."""
MAX_VALUES = 20_000
"""Keys and values of a file. The largest Plan that the CRD admits has some 3,000."""
MAX_DEPTH = 50
"""Levels of values in values. The deepest field of our kinds is at level 9."""


class TooMuch(yaml.MarkedYAMLError):
    """The file exceeds a bound: `problem` says which; `problem_mark` says where, unless it is the whole file."""


class BoundedLoader(yaml.SafeLoader):
    """PyYAML's safe loader, except that it gives up when a file exceeds the bounds."""

    def __init__(self, stream: str) -> None:
        """See `yaml.SafeLoader`."""
        super().__init__(stream)
        self._values = 0
        self._depth = 0
        self._sizes: dict[yaml.Node | None, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node, and count it.

        Raises:
            TooMuch: there are too many values or levels, or a value contains itself.
            yaml.MarkedYAMLError: this is not YAML.
        """
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stub
        before = self._values
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_much(f"this is nested more than {MAX_DEPTH} levels deep", event)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if not isinstance(event, yaml.AliasEvent):
            self._values += 1
            self._sizes[node] = self._values - before
        elif node in self._sizes:
            self._values += self._sizes[node]
        else:
            name = event.anchor
            raise _too_much(f"`*{name}` stands within `&{name}`, so it never ends", event)
        if self._values > MAX_VALUES:
            sentence = f"this file has more than {MAX_VALUES} values, with what aliases stand for"
            raise _too_much(sentence, event)
        return node


def _too_much(sentence: str, event: yaml.Event) -> TooMuch:
    mark: Any = event.start_mark  # PyYAML's stub has two types of marks
    return TooMuch(problem=sentence, problem_mark=mark)
