"""Turns a host's message to git into one clear sentence, and decides whether it may work later.

In: git's error about a remote. Out: `Stalled` if a person must act, with a reason of
docs/conditions.md; `Transient` if it may work later; the `GitError` itself if the message is not from
a host, since the fault may then be ours. All code that fetches from or pushes to a host uses it.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.git import LOOK_AT_REFS, Git, GitError, Remote
from resync_argo.hosts.listing import read_refs
from resync_argo.hosts.words import Obstacle, obstacle_in, on_one_line
from resync_argo.reasons.attempt import DISK_FULL
from resync_argo.reasons.forge import (
    BRANCH_NOT_FOUND,
    CREDENTIALS_REFUSED,
    FORBIDDEN,
    PUSH_REFUSED,
    RATE_LIMITED,
    REPOSITORY_MOVED,
    REPOSITORY_NOT_FOUND,
)

_MAX_WORDS = 400

_OF_SERVER = re.compile(
    r"^remote: .*(?:Internal Server Error|No space left on device|temporarily unavailable|early EOF)"
    r"|^remote: .*cannot lock ref .*(?:but expected [0-9a-f]{7}|reference already exists)"
    r"|\[remote rejected\].*\((?:.*\b(?:Internal Server Error|fatal error in commit_refs|failed to (?:update|lock))\b.*"
    r"|.*but expected [0-9a-f]{7}.*|.*reference already exists.*)\)"
    r"|Unable to create '[^'\n]*\.lock': File exists",
    re.I | re.M,
)
"""GitHub's and git's messages about a push that a host could not carry out at that moment."""

_BELOW = "below `resync/`"
"""Which pushes a repository's rules must allow; for tags it is something else."""

_REASONS = (
    ("couldn't find remote ref", BRANCH_NOT_FOUND, "has no such branch or tag"),
    (
        "epository not found",
        REPOSITORY_NOT_FOUND,
        "does not exist, or the credentials may not see it",
    ),
    ("' not found", REPOSITORY_NOT_FOUND, "does not exist, or the credentials may not see it"),
    (
        "returned error: 404",
        REPOSITORY_NOT_FOUND,
        "does not exist, or the credentials may not see it",
    ),
    ("does not exist", REPOSITORY_NOT_FOUND, "does not exist"),
    ("not appear to be a git repository", REPOSITORY_NOT_FOUND, "does not exist"),
    ("Authentication failed", CREDENTIALS_REFUSED, "refuses the credentials"),
    ("Permission denied (publickey", CREDENTIALS_REFUSED, "refuses the key"),
    ("could not read Username", CREDENTIALS_REFUSED, "asks for credentials, and there are none"),
    (
        "without `workflow",
        FORBIDDEN,
        "requires the permission `workflows`: the merge changes .github",
    ),
    *(
        (words, PUSH_REFUSED, "has a branch where this one's name needs a folder: delete that one")
        for words in ("exists; cannot create", "directory file conflict")
    ),
    (
        "remote rejected",
        PUSH_REFUSED,
        f"refuses the push: its rules must allow it {_BELOW}",
    ),
    ("returned error: 403", FORBIDDEN, "forbids it: the credentials lack a permission"),
    ("No space left on device", DISK_FULL, "cannot be copied: the disk is full"),
)

_WITH_WORDS = {PUSH_REFUSED, FORBIDDEN}

_UNREACHED = re.compile(
    r"could(?: not|n't) (?:resolve|connect)|failed to connect|connection|network|timed out|too slow|early EOF"
    r"|RPC failed|hung up|disconnect|empty reply|(?:recv|send) failure|transfer closed|HTTP/?2|no route to host"
    r"|name resolution|name or service|could not read from remote|\bSSL\b|\bTLS\b|gnutls|certificate"
    r"|unable to access|redirect|is this a git repository|protocol error|bad (?:line length|pack header)"
    r"|flush (?:packet|after)|unexpected|invalid index-pack|index-pack (?:failed|abnormal)|unpack"
    r"|did not send all|git-http-push failed|returned error: [0-9]+|\[rejected\]|remote error",
    re.I,
)
"""Messages of git, curl and ssh about a host that is unavailable, or whose answer broke off."""

_STATUS = re.compile(r"returned error: ([1-5][0-9]{2})")
_RETRY_AFTER = re.compile(r"retry[- ]after:? *([0-9]{1,6})\b", re.I)
_LIMIT_WORDS = re.compile(r"rate limit|abuse detection|too many requests", re.I)
_SIGN_ON_ADDRESS = re.compile(r"https://[!-~]{1,400}")


class HostLimitsRate(Transient):
    """A host limits how often git may ask."""

    reason = RATE_LIMITED


@contextmanager
def explained(remote: Remote, want: str = "") -> Iterator[None]:
    """Translate errors of git that are raised inside.

    Args:
        remote: the host's repository.
        want: the wanted ref, for the message if it is missing.

    Raises:
        Stalled: the repository, the wanted ref, or a permission is missing; the reason says which.
        Transient: it may work later.
        GitError: the host is not the cause.
    """
    try:
        yield
    except GitError as error:
        told = explain(error, remote, want)
        if told is error:
            raise
        if told.reason == BRANCH_NOT_FOUND and _is_there(want, remote):
            raise Transient(f"{remote.url} did not show {_ref(want)} at first.") from error
        raise told from error


def refs_at_second_look(remote: Remote) -> bytes:
    """Return a host's branches and tags, as `git ls-remote` prints them, after an answer that lacked some.

    Git takes a page of HTML, such as a gateway's, for a plain web server's empty list of refs.

    Raises:
        Transient: there is neither a branch nor a tag, or the host cannot be reached.
        Stalled: a person must act.
    """
    git = Git(directory=Path(tempfile.gettempdir())).within(LOOK_AT_REFS)
    with explained(remote):
        listing = git.run("ls-remote", "--heads", "--tags", "--", remote.url, remote=remote)
    if not listing:
        refuse_emptiness(remote)
    return listing


def refuse_emptiness(remote: Remote) -> None:
    """Refuse to believe over HTTP that a repository has no refs at all.

    Raises:
        Transient: the other side may not be a git host.
    """
    if remote.protocol.startswith("http"):
        raise Transient(
            f"{remote.url} shows neither a branch nor a tag: it is empty, or no git host answers there."
        )


def _is_there(want: str, remote: Remote) -> bool:
    shown = read_refs(refs_at_second_look(remote))
    # A git host reports a missing object in other words.
    is_object = re.fullmatch(r"[0-9a-f]{40,64}", want) is not None
    return is_object or _ref(want) in shown


def _ref(want: str) -> str:
    return want.lstrip("+").split(":")[0]


def explain(error: GitError, remote: Remote, want: str) -> ResyncError:
    """Return an error with one clear sentence for git's error about a remote, or the same error if no host is at fault.

    Args:
        error: git's.
        remote: the host's repository.
        want: the wanted ref, for the message if it is missing.
    """
    # A repository's name may look like an error message.
    said = error.stderr.replace(remote.url, "<address>")
    if error.ran_out is not None or _OF_SERVER.search(said):
        return Transient(_passing(error.stderr, remote))
    answered = _by_status(said, remote)
    if answered is not None:
        return answered
    for words, reason, meaning in _REASONS:
        if words in said:
            what = f"{_ref(want)}: " if reason == BRANCH_NOT_FOUND else ""
            quoted = _quoted(said) if reason in _WITH_WORDS else ""
            said_so = f"{what}{remote.url} {meaning}{quoted}."
            is_tag = want.startswith("refs/tags/")
            return Stalled(reason, said_so.replace(_BELOW, "for tags", 1) if is_tag else said_so)
    return Transient(_passing(error.stderr, remote)) if _UNREACHED.search(said) else error


def _by_status(said: str, remote: Remote) -> ResyncError | None:
    """Return the meaning of an HTTP status if it says more than git does; else None."""
    found = _STATUS.search(said)
    status = int(found[1]) if found else 0
    is_refusal = status == HTTPStatus.FORBIDDEN
    if status == HTTPStatus.TOO_MANY_REQUESTS or (is_refusal and _LIMIT_WORDS.search(said)):
        wait = _RETRY_AFTER.search(said)
        seconds = float(wait[1]) if wait else None
        return HostLimitsRate(
            f"{remote.url} limits the rate of requests{_quoted(said)}.", retry_after=seconds
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Transient(_passing(said, remote))
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Stalled(
            REPOSITORY_MOVED,
            f"{remote.url} has moved to another name or address: correct its name in the Plan.",
        )
    obstacle = obstacle_in(_remote_words(said)) if is_refusal else None
    return Stalled(obstacle.reason, _hindered(obstacle, said, remote)) if obstacle else None


def _hindered(obstacle: Obstacle, said: str, remote: Remote) -> str:
    address = _SIGN_ON_ADDRESS.search(_remote_words(said))
    at = f" at {address[0]}" if address and obstacle.wants_address else ""
    return f"{remote.url} forbids it: {obstacle.advice}{at}{_quoted(said)}."


def _passing(said: str, remote: Remote) -> str:
    lines = said.splitlines()
    told = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
    # After `remote error:`, the message is also the host's.
    first = on_one_line(told, limit=_MAX_WORDS) or "git did not say why"
    words = "" if _quoted(said) in first else _quoted(said)
    return f"{remote.url} cannot be used: {first}{words}."


def _remote_words(said: str) -> str:
    """Return why the host refuses, in its own words: a rule, a secret, or a file that is too large."""
    found = re.findall(r"^remote:(.*)|\[remote rejected\].*(\(.+\))", said, re.MULTILINE)
    return on_one_line(" ".join(" ".join(both) for both in found), limit=_MAX_WORDS)


def _quoted(said: str) -> str:
    words = _remote_words(said)
    return f"; it said: {words}" if words else ""
