"""Translates every failure of a request to GitHub into a `ForgeError` with one clear sentence.

Sources: GitHub's "Troubleshooting the REST API", "Rate limits for the REST API" and "Best practices
for using the REST API". `client` wraps each call in it. Messages never contain credentials; of the
headers, they quote only those that help a person.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from github import GithubException

from resync_argo.exchange import AnswerTooLarge, OutOfTime
from resync_argo.forge.github.moved import Moved
from resync_argo.forge.interface import (
    CredentialsRefused,
    Forbidden,
    ForgeError,
    ForgeUnavailable,
    ObjectNotFound,
    RateLimited,
    RepositoryMoved,
    RepositoryNotFound,
    RequestRefused,
)
from resync_argo.hosts.words import obstacle_in, on_one_line
from resync_argo.http_client import decimal_seconds
from resync_argo.reasons.forge import (
    CREDENTIALS_REFUSED,
    OBJECT_NOT_FOUND,
    PERMISSION_MISSING,
    REPOSITORY_MOVED,
    REPOSITORY_NOT_FOUND,
    REQUEST_REFUSED,
)

SECONDARY_LIMIT_SECONDS = 60.0
"""What GitHub asks for when a secondary rate limit comes without Retry-After."""

LONGEST_REASON = 300
LONGEST_NAME = 200

_LIMIT_WORDS = re.compile(r"rate limit|abuse detection|submitted too quickly", re.I)
"""GitHub's own, also of old Enterprise Servers, with 403 or, for new pull requests, 422."""

_SIGN_ON_ADDRESS = re.compile(r"\burl=(https://[!-~]{1,400})")


@contextmanager
def translated(repository: str, doing: str, *, missing: str | None = None) -> Iterator[None]:
    """Translate the errors of the request inside.

    Args:
        repository: `host/owner/name`.
        doing: the purpose of the request, in words that follow "could not": "open a pull request".
        missing: what does not exist if the answer is 404; None: the repository itself.

    Raises:
        ForgeError: see the module's docstring.
    """
    where = f"{repository}: could not {doing}"
    try:
        yield
    except GithubException as error:
        raise _refused(error, repository=repository, where=where, missing=missing) from error
    except Moved as redirect:
        raise has_moved(redirect, repository=repository, where=where) from redirect
    except (OutOfTime, AnswerTooLarge) as error:
        raise ForgeUnavailable(f"{where}: {error}.") from error
    except requests.RequestException as error:
        kind = type(error).__name__
        raise ForgeUnavailable(f"{where}: the forge did not answer ({kind}).") from error
    # PyGithub parses the body of a refusal, but a gateway may have written that.
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        advice = "check the host's API address in the settings"
        raise ForgeUnavailable(f"{where}: the answer is not GitHub's API; {advice}.") from error


def has_moved(redirect: Moved, *, repository: str, where: str) -> ForgeError:
    """Return the error for a redirect.

    Args:
        redirect: the forge's answer.
        repository: `host/owner/name`.
        where: the beginning of the message.
    """
    if not redirect.is_repository:
        return ForgeUnavailable(
            f"{where}: the forge redirects to another address: check the host's API address in the settings."
        )
    host = repository.partition("/")[0]
    name = on_one_line(redirect.name or "", limit=LONGEST_NAME)
    to = f" to {host}/{name}" if name else ""
    return RepositoryMoved(
        REPOSITORY_MOVED,
        f"{where}: {repository} has moved{to}: correct its name in the Plan.",
    )


def _refused(
    error: GithubException, *, repository: str, where: str, missing: str | None
) -> ForgeError:
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    reason = _reason(error)
    if _is_rate_limit(error.status, headers, reason):
        return RateLimited(
            f"{where}: the forge limits the rate ({reason}).", retry_after=_wait(headers)
        )
    is_passing = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if is_passing or error.status == HTTPStatus.REQUEST_TIMEOUT:
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
            return _forbidden(where, reason, headers)
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


def _forbidden(where: str, reason: str, headers: Mapping[str, str]) -> Forbidden:
    sign_on = headers.get("x-github-sso", "")
    # Only `required` concerns this request; the header's other form is about incomplete lists.
    obstacle = obstacle_in(f"{reason} SSO" if sign_on.startswith("required") else reason)
    if obstacle is not None:
        address = _SIGN_ON_ADDRESS.search(sign_on)
        at = f" at {address[1]}" if address else ""
        return Forbidden(
            obstacle.reason, f"{where}: {obstacle.advice}{at}. The forge said: {reason}."
        )
    accepted = on_one_line(headers.get("x-accepted-github-permissions", ""), limit=LONGEST_REASON)
    needed = f"; GitHub names these permissions: {accepted}" if accepted else ""
    return Forbidden(
        PERMISSION_MISSING,
        f"{where}: the credentials lack the permission ({reason}){needed}: grant it to the "
        "token or the App.",
    )


def _reason(error: GithubException) -> str:
    """Return the forge's own message on one short line."""
    data = error.data if isinstance(error.data, dict) else {}
    details = data.get("errors")
    parts = [str(data.get("message") or "no reason given")]
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict):
            named = " ".join(str(detail[key]) for key in ("field", "code") if key in detail)
            parts.append(str(detail.get("message") or named))
        else:
            parts.append(str(detail))
    return on_one_line("; ".join(parts), limit=LONGEST_REASON)


def is_rate_limit(error: GithubException) -> bool:
    """Return whether an answer is a rate limit, in any of its forms."""
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    return _is_rate_limit(error.status, headers, _reason(error))


def _is_rate_limit(status: int, headers: Mapping[str, str], reason: str) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    says_so = bool(_LIMIT_WORDS.search(reason))
    if status != HTTPStatus.FORBIDDEN:
        return says_so and status == HTTPStatus.UNPROCESSABLE_ENTITY
    return says_so or headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait, in GitHub's order: Retry-After, then the reset time, then a minute.

    The reset time is by the forge's clock, so compare it with the `Date` header (RFC 9110, 6.6.1);
    our clock may be wrong.
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
    except (ValueError, OverflowError):
        return None
