"""The functions that Kubernetes adds to CEL, as far as the rules of our CRDs use them.

Follows apiserver's `pkg/cel/library` and cel-go's string extension. A rule that calls another
function cannot be evaluated; a test evaluates every rule.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from celpy.celtypes import BoolType, IntType, ListType, StringType, Value

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(\d+(\.\d*)?|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,9})?",
    re.ASCII,
)
_SUFFIXES = {
    **{name: Decimal(1000) ** power for power, name in enumerate("kMGTPE", start=1)},
    **{f"{name}i": Decimal(1024) ** power for power, name in enumerate("KMGTPE", start=1)},
    **{name: Decimal(1000) ** -power for power, name in enumerate("mun", start=1)},
}


def _parse_quantity(text: object) -> Decimal | None:
    """Return a quantity as apimachinery's `resource.ParseQuantity` reads it; None if it is not one."""
    if not isinstance(text, StringType):
        raise TypeError(f"{text!r} is not a string")
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    number, suffix = found["number"], found["suffix"] or ""
    if suffix[:1] in ("e", "E") and suffix not in ("E", "Ei"):
        return Decimal(number + suffix)
    return Decimal(number) * _SUFFIXES.get(suffix, Decimal(1))


def _is_quantity(text: Value) -> BoolType:
    return BoolType(_parse_quantity(text) is not None)


def _quantity(text: Value) -> Decimal:
    found = _parse_quantity(text)
    if found is None:
        raise ValueError(f"{text!r} is not a quantity")
    return found


def _compare_to(one: Decimal, other: Decimal) -> IntType:
    return IntType((one > other) - (one < other))


def _is_greater_than(one: Decimal, other: Decimal) -> BoolType:
    return BoolType(one > other)


def _is_less_than(one: Decimal, other: Decimal) -> BoolType:
    return BoolType(one < other)


def _index_of(whole: StringType | ListType, part: Any) -> IntType:
    if isinstance(whole, StringType):
        return IntType(whole.find(part))
    return IntType(next((at for at, item in enumerate(whole) if item == part), -1))


def _last_index_of(whole: StringType | ListType, part: Any) -> IntType:
    if isinstance(whole, StringType):
        return IntType(whole.rfind(part))
    return IntType(max((at for at, item in enumerate(whole) if item == part), default=-1))


def _split(text: StringType, separator: StringType) -> ListType:
    return ListType([StringType(part) for part in text.split(separator)])


# celpy turns a ValueError or a TypeError of a function into an error of the rule.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "compareTo": _compare_to,
    "indexOf": _index_of,
    "isGreaterThan": _is_greater_than,
    "isLessThan": _is_less_than,
    "isQuantity": _is_quantity,
    "lastIndexOf": _last_index_of,
    "quantity": _quantity,
    "split": _split,
}
"""Functions by name; a method's first argument is what it is called on."""
