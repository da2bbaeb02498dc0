"""Paths as one line of text, whatever their bytes: git's own quoting.

The format is that of git-config, "core.quotePath" (set to true). Our `git`, the record of a
conflict and git's `--index-info` all use it; in Python, paths are bytes.
"""

import re

_NAMED = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_BYTES = {name: byte for byte, name in _NAMED.items()}
_PRINTABLE = range(0x20, 0x7F)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.S)


def quote(path: bytes) -> str:
    """Return a path as git prints it; unchanged if it has no special characters."""
    text = "".join(_quote_byte(byte) for byte in path)
    return f'"{text}"' if len(text) != len(path) else text


def unquote(text: str) -> bytes:
    """Return the path that a quoted text stands for: the inverse of `quote`.

    Raises:
        ValueError: `quote` never returns this text.
    """
    ascii_only = text.encode("ascii", "replace")
    quoted = text.startswith('"')
    path = _ESCAPE.sub(_unquote_byte, ascii_only[1:-1]) if quoted else ascii_only
    if not path or quote(path) != text:
        raise ValueError(f"{text!r} is not a quoted path.")
    return path


def _quote_byte(byte: int) -> str:
    if byte in _NAMED:
        return f"\\{_NAMED[byte]}"
    return chr(byte) if byte in _PRINTABLE else f"\\{byte:03o}"


def _unquote_byte(found: re.Match[bytes]) -> bytes:
    text = found[1].decode("ascii")
    if text.isdecimal():
        return bytes([int(text, 8) & 0xFF])
    # Text that is not an escape would quote differently, so `unquote` refuses it.
    return bytes([_BYTES[text]]) if text in _BYTES else b"?"
