"""Turns what can go wrong with a request to GitHub into a `ForgeError` with one clear sentence.

Sources: GitHub's "Troubleshooting the REST API", "Rate limits for the REST API" and "Best practices for using the
REST API". Called by `client` around each call; never lets a header or a credential into a message.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from github import GithubException
from pydantic import ValidationError

from resync_argo.exchange import AnswerTooLarge, OutOfTime
from resync_argo.forge.interface import (
    CredentialsRefused,
    Forbidden,
    ForgeError,
    ForgeUnavailable,
    ObjectNotFound,
    RateLimited,
    RepositoryNotFound,
    RequestRefused,
)
from resync_argo.http_client import decimal_seconds
from resync_argo.reasons.forge import (
    CREDENTIALS_REFUSED,
    OBJECT_NOT_FOUND,
    PERMISSION_MISSING,
    REPOSITORY_NOT_FOUND,
    REQUEST_REFUSED,
)

SECONDARY_LIMIT_SECONDS = 60.0
"""What GitHub asks for when a secondary rate limit comes without Retry-After."""

LONGEST_REASON = 300


@contextmanager
def translated(repository: str, doing: str, *, missing: str | None = None) -> Iterator[None]:
    """Translate the errors of the request inside.

    Args:
        repository: `host/owner/name`.
        doing: what the request is for, to follow "could not": "open a pull request".
        missing: what a 404 means; None: the repository itself.

    Raises:
        ForgeError: see the module's docstring.
    """
    where = f"{repository}: could not {doing}"
    try:
        yield
    except GithubException as error:
        raise _refused(error, repository=repository, where=where, missing=missing) from error
    except (OutOfTime, AnswerTooLarge) as error:
        raise ForgeUnavailable(f"{where}: {error}.") from error
    except requests.RequestException as error:
        kind = type(error).__name__
        raise ForgeUnavailable(f"{where}: the forge did not answer ({kind}).") from error
    except (ValidationError, ValueError, KeyError, TypeError, RuntimeError) as error:
        advice = "check the host's API address in the settings"
        raise ForgeUnavailable(f"{where}: the answer is not GitHub's API; {advice}.") from error


def _refused(
    error: GithubException, *, repository: str, where: str, missing: str | None
) -> ForgeError:
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    reason = _reason(error)
    if error.status in {403, 429} and _is_rate_limit(error.status, headers, reason):
        return RateLimited(
            f"{where}: the forge limits the rate ({reason}).", retry_after=_wait(headers)
        )
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = decimal_seconds(headers.get("retry-after"))
        return ForgeUnavailable(f"{where}: the forge answered {error.status}.", retry_after=wait)
    return _person_must_act(
        error.status, where=where, reason=reason, missing=missing or "", headers=headers
    ) or RepositoryNotFound(
        REPOSITORY_NOT_FOUND,
        f"{where}: {repository} does not exist, or the credentials may not see it: "
        "check the name in the Plan and give the token or App access to it.",
    )


def _person_must_act(
    status: int, *, where: str, reason: str, missing: str, headers: Mapping[str, str]
) -> ForgeError | None:
    match status:
        case 401:
            return CredentialsRefused(
                CREDENTIALS_REFUSED,
                f"{where}: the forge refused the credentials ({reason}): put a valid token, or a "
                "valid App id and key, into the Plan's Secret.",
            )
        case 403:
            accepted = headers.get("x-accepted-github-permissions")
            needed = f"; GitHub names these permissions: {accepted}" if accepted else ""
            return Forbidden(
                PERMISSION_MISSING,
                f"{where}: the credentials lack the permission ({reason}){needed}: grant it to the "
                "token or the App.",
            )
        case 404:
            if not missing:
                return None
            return ObjectNotFound(
                OBJECT_NOT_FOUND,
                f"{where}: there is no {missing}, or the credentials may not see it.",
            )
        case _:
            return RequestRefused(
                REQUEST_REFUSED, f"{where}: the forge declined with {status}: {reason}."
            )


def _reason(error: GithubException) -> str:
    """Return the forge's own words on one short line."""
    data = error.data if isinstance(error.data, dict) else {}
    details = data.get("errors")
    parts = [str(data.get("message") or "no reason given")]
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict):
            named = " ".join(str(detail[key]) for key in ("field", "code") if key in detail)
            parts.append(str(detail.get("message") or named))
        else:
            parts.append(str(detail))
    return " ".join("; ".join(parts).split()).rstrip(".")[:LONGEST_REASON]


def _is_rate_limit(status: int, headers: Mapping[str, str], reason: str) -> bool:
    return (
        status == HTTPStatus.TOO_MANY_REQUESTS
        or headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in headers
        or "rate limit" in reason.lower()
    )


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait, in GitHub's order: Retry-After, then the reset time, then a minute.

    The reset time is by the forge's clock, which its `Date` tells (RFC 9110, 6.6.1); ours may be off.
    """
    told = decimal_seconds(headers.get("retry-after"))
    if told is not None:
        return told
    reset = decimal_seconds(headers.get("x-ratelimit-reset"))
    now = _moment(headers.get("date"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None and now is not None:
        return max(1.0, reset - now)
    return SECONDARY_LIMIT_SECONDS


def _moment(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None
