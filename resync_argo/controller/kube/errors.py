"""The Kubernetes API's error responses, as our errors.

The status codes are those of "Kubernetes API Concepts" and the `Status` kind. Only `api` raises
them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import urllib3
from kubernetes import client

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.reasons.cluster import CLUSTER_ACCESS_DENIED, CLUSTER_UNAVAILABLE, REFUSED

_MAX_DETAIL = 500


class NotFound(ResyncError):
    """The object, or its kind, does not exist."""


class AlreadyExists(ResyncError):
    """An object of that name exists."""


class ChangedMeanwhile(Transient):
    """409: the object changed since it was read. Read it and decide again."""


class Expired(ResyncError):
    """The resource version is too old to watch from (410 Gone): list again."""


class Forbidden(Transient):
    """The controller's role lacks a permission; an administrator may grant it at any time."""

    reason = CLUSTER_ACCESS_DENIED


class Invalid(Stalled):
    """The API server refused the object's content."""


class Unavailable(Transient):
    """The API server did not answer, or limits the rate."""

    reason = CLUSTER_UNAVAILABLE


@contextmanager
def translated() -> Iterator[None]:
    """Turn every exception of the connection into `Unavailable`."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, client.ApiException, OSError) as error:
        raise Unavailable(f"The Kubernetes API server does not answer: {error}") from error


_ERRORS: dict[int, type[ResyncError]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: ChangedMeanwhile,
    HTTPStatus.GONE: Expired,
    HTTPStatus.UNAUTHORIZED: Forbidden,
    HTTPStatus.FORBIDDEN: Forbidden,
}
_REFUSED = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


def error_of(status: int, data: bytes, what: str, headers: Mapping[str, str]) -> ResyncError:
    """Return the error for an unsuccessful response of the API server."""
    reason, message = _said(data)
    sentence = f"Kubernetes answered {status} to {what}: {message}"
    if reason == "AlreadyExists":
        return AlreadyExists(sentence)
    if status in _REFUSED:
        return Invalid(REFUSED, message)
    if status in _ERRORS:
        return _ERRORS[status](sentence)
    wait = headers.get("Retry-After", "")
    return Unavailable(sentence, retry_after=float(wait) if wait.isdigit() else None)


def _said(data: bytes) -> tuple[str, str]:
    try:
        status = json.loads(data)
        return str(status.get("reason", "")), str(status.get("message", ""))[:_MAX_DETAIL]
    except (ValueError, AttributeError):
        return "", data[:_MAX_DETAIL].decode(errors="replace")
