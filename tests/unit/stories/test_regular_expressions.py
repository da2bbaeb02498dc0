"""No text makes a regular expression of the program slow, since scripts, comments and files are untrusted.

Python's `re` backtracks, and holds the interpreter's lock meanwhile: a pattern whose time grows
with the square of its text stops every thread. So each pattern gets long runs of all kinds of
characters, and of the texts that it looks for. It may take a small multiple of the processor time
of one match per character; a timer ends anything slower.
"""

import gc
import re
import signal
import string
import time
from collections.abc import Iterator
from itertools import product
from types import FrameType

import pytest

from tests.unit.stories.patterns import Pattern, Use, find_patterns

SIZE = 32 * 1024
"""Characters: a step's script may have as many."""

PATIENCE = 30
"""How many times as long as the yardstick a pattern may take; the square of SIZE takes hundreds."""

YARDSTICK = re.compile(r".")
"""It matches each character once."""

ALL = f"{string.punctuation} \n\r\t\0aZ0_é"

TAILS = ("", "\0")
"""The second is an end that a pattern does not expect, so that it goes back."""


MAX_WORDS = 5
"""Words of a pattern that are tried, each with signs behind it."""


class TooSlowError(Exception):
    """The timer ended the match."""


def seconds_for(pattern: Pattern, method: str, text: str | bytes) -> float:
    """Return the processor's time that a pattern takes for a text."""
    began = time.process_time()
    if method == "sub":
        pattern.sub(text[:0], text)
    elif method == "finditer":
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)
    return time.process_time() - began


@pytest.fixture(scope="module", autouse=True)
def _collector_is_off() -> Iterator[None]:
    """Switch the garbage collector off, since it walks over everything that other tests left behind."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def limit() -> float:
    """Return the seconds of the processor's time that a pattern may take on this machine."""
    return PATIENCE * min(seconds_for(YARDSTICK, "finditer", "a" * SIZE) for _ in range(5))


def runs_for(pattern: Pattern) -> Iterator[str]:
    """Yield the texts to repeat: each kind of character, and the pattern's own characters with others beside them."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    words = sorted(set(re.findall(r"[A-Za-z]{2,20}", source)))
    signs = sorted(set(re.findall(r"[^\w\\()\[\]?*+{}^]", source)) | set("a0 \n"))
    yield from ALL
    yield from ("".join(pair) for pair in product(signs, signs))
    for word in words[:MAX_WORDS]:
        yield from (word, *(f"{word}{sign}" for sign in signs))


def texts_for(pattern: Pattern) -> Iterator[str | bytes]:
    """Yield the texts that a pattern is given."""
    for run in dict.fromkeys(runs_for(pattern)):
        for tail in TAILS:
            text = (run * (SIZE // len(run) + 1))[:SIZE] + tail
            yield text if isinstance(pattern.pattern, str) else text.encode()


def give_up(_number: int, _frame: FrameType | None) -> None:
    raise TooSlowError


def is_slow(use: Use, text: str | bytes, limit: float) -> bool:
    """Return whether a pattern takes longer for a text than the limit."""
    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * limit * len(use.methods))
    try:
        return any(seconds_for(use.pattern, method, text) > limit for method in use.methods)
    except TooSlowError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_text(use: Use, limit: float) -> str | bytes | None:
    """Return the first text for which a pattern is slow; None: there is none."""
    return next((text for text in texts_for(use.pattern) if is_slow(use, text, limit)), None)


@pytest.mark.parametrize("use", [pytest.param(use, id=use.place) for use in find_patterns()])
def test_a_pattern_takes_time_in_proportion_to_its_text(use: Use, limit: float) -> None:
    text = slow_text(use, limit)

    assert text is None, f"{use.pattern.pattern!r} is slow with {text[:20]!r} again and again"


@pytest.mark.parametrize("pattern", [r"^\s*x", r"(?:a+)+b", r"\w*=\w*$", r"[ \t]*\r?$"])
def test_a_slow_pattern_is_noticed(pattern: str, limit: float) -> None:
    slow = Use(place="", pattern=re.compile(pattern, re.M), methods=frozenset({"search"}))

    assert slow_text(slow, limit) is not None
