"""Git's errors about a host have three kinds: temporary, a person must act, or our own."""

import pytest

from resync_argo.errors import Stalled, Transient
from resync_argo.git import GitError, Remote
from resync_argo.hosts.refusals import explain, explained
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Kind

URL = "https://forge.test/down/project"
REF = "resync/p/1.0.0"


def refused(bracket: str, *remote: str) -> str:
    """Return git's output after a push that the host refused."""
    lines = [f"remote: {line}" for line in remote]
    lines += [f"To {URL}", f" ! [remote rejected] {REF} -> {REF} ({bracket})"]
    return "\n".join([*lines, f"error: failed to push some refs to '{URL}'"])


def answered(status: int, *remote: str) -> str:
    """Return git's output after an HTTP error."""
    lines = [f"remote: {line}" for line in remote]
    lines.append(f"fatal: unable to access '{URL}/': The requested URL returned error: {status}")
    return "\n".join(lines)


def told(stderr: str) -> Stalled | Transient | GitError:
    error = GitError(["push"], 128, stderr)
    found = explain(error, Remote(url=URL), REF)
    assert isinstance(found, Stalled | Transient | GitError)
    return found


PASSING = {
    "internal error": refused("Internal Server Error"),
    "commit_refs": refused("fatal error in commit_refs"),
    "update ref": refused("failed to update ref"),
    "lock": refused("cannot lock ref 'refs/heads/x': is at aaaaaaaaaa but expected bbbbbbbbbb"),
    "a push repeated": refused("cannot lock ref 'refs/heads/x': reference already exists"),
    "one of several refs": refused(
        "atomic transaction failed",
        "error: cannot lock ref 'refs/heads/x': reference already exists",
    ),
    "a page of HTML": f"error: Cannot access URL {URL}/, return code 22\nfatal: git-http-push failed",
    "failed to lock": refused("failed to lock"),
    "lock file": refused(
        "pre-receive hook declined", "fatal: Unable to create '/r/x.lock': File exists."
    ),
    "disk of the server": refused("unpacker error", "fatal: write error: No space left on device"),
    "remote 500": refused("internal", "Internal Server Error"),
    "500": answered(500),
    "502": answered(502, "Bad gateway"),
    "503": answered(503),
    "408": answered(408),
    "early EOF": "fatal: early EOF\nfatal: fetch-pack: invalid index-pack output",
    "RPC": "error: RPC failed; curl 56 Recv failure: Connection reset by peer",
    "reset": f"fatal: unable to access '{URL}/': Recv failure: Connection reset by peer",
    "DNS": f"fatal: unable to access '{URL}/': Could not resolve host: forge.test",
    "TLS": f"fatal: unable to access '{URL}/': gnutls_handshake() failed: Handshake failed",
    "refused": f"fatal: unable to access '{URL}/': Failed to connect to forge.test port 443: Connection refused",
    "hung up": "fatal: the remote end hung up unexpectedly",
    "HTML": f"fatal: {URL}/info/refs not valid: is this a git repository?",
    "half a list": "fatal: expected flush after ref listing",
    "ssh": "kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.",
    "quicker": f" ! [rejected] {REF} -> {REF} (stale info)\nerror: failed to push some refs",
    "not there yet": "fatal: remote error: upload-pack: not our ref " + "a" * 40,
}


@pytest.mark.parametrize("stderr", PASSING.values(), ids=PASSING)
def test_a_problem_of_the_host_is_temporary(stderr: str) -> None:
    found = told(stderr)

    assert isinstance(found, Transient)
    assert REASONS[found.reason].kind is Kind.PASSING
    assert URL in str(found)


@pytest.mark.parametrize(
    ("stderr", "wait"),
    [
        (answered(429), None),
        (answered(429, "Retry-After: 90"), 90.0),
        (answered(429, "Too many requests, retry after 7 seconds"), 7.0),
        (answered(403, "You have exceeded a secondary rate limit."), None),
    ],
    ids=["429", "with a header's words", "with words", "403"],
)
def test_a_rate_limit_carries_the_requested_wait(stderr: str, wait: float | None) -> None:
    found = told(stderr)

    assert isinstance(found, Transient)
    assert (found.reason, found.retry_after) == ("RateLimited", wait)


SIGN_ON = "https://github.com/orgs/octo/sso?authorization_request=ABC"
PERSONS = {
    "RepositoryArchived": (
        answered(403, "This repository was archived so it is read-only."),
        ["unarchive it", "it said: This repository was archived so it is read-only"],
    ),
    "SingleSignOnRequired": (
        answered(
            403,
            "The 'octo' organization has enabled or enforced SAML SSO. To access",
            f"this repository, visit {SIGN_ON} and try your request again.",
        ),
        [f"authorize the token for it at {SIGN_ON}", "it said: The 'octo' organization"],
    ),
    "AddressNotAllowed": (
        answered(
            403,
            "The 'octo' organization has an IP allow list enabled, and 192.0.2.7 is not permitted.",
        ),
        ["IP allow list", "192.0.2.7"],
    ),
    "AccountSuspended": (
        answered(403, "Your account is suspended. Please visit https://support.github.com."),
        ["is suspended: have it restored", "https://support.github.com"],
    ),
    "Forbidden": (
        answered(403, "Permission to down/project.git denied to bot."),
        ["lack a permission", "denied to bot"],
    ),
    "PushRefused": (
        refused("protected branch hook declined", "error: GH006: Protected branch update failed."),
        [
            "below `resync/`",
            "GH006: Protected branch update failed",
            "protected branch hook declined",
        ],
    ),
    "RepositoryMoved": (answered(301), ["has moved", "correct its name in the Plan"]),
    "RepositoryNotFound": (
        f"remote: Repository not found.\nfatal: repository '{URL}/' not found",
        ["does not exist"],
    ),
    "CredentialsRefused": (
        f"fatal: Authentication failed for '{URL}/'",
        ["refuses the credentials"],
    ),
    "BranchNotFound": (
        "fatal: couldn't find remote ref refs/heads/x",
        [f"{REF}: {URL} has no such"],
    ),
}


@pytest.mark.parametrize(("reason", "case"), PERSONS.items(), ids=PERSONS)
def test_an_error_for_a_person_keeps_the_hosts_words_and_says_what_to_do(
    reason: str, case: tuple[str, list[str]]
) -> None:
    found = told(case[0])

    assert isinstance(found, Stalled)
    assert (found.reason, REASONS[found.reason].kind) == (reason, Kind.PERSON)
    assert [words for words in case[1] if words not in str(found)] == []
    assert str(found).count("\n") == 0


def test_a_workflow_that_may_not_be_pushed_names_the_permission() -> None:
    words = (
        "refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without"
        " `workflows` permission"
    )

    found = told(refused(words))

    assert found.reason == "Forbidden"
    assert "the permission `workflows`" in str(found)
    assert ".github/workflows/x.yml" in str(found)


def test_a_branch_in_place_of_a_folder_is_never_temporary() -> None:
    found = told(
        refused(f"cannot lock ref 'refs/heads/{REF}': 'refs/heads/resync' exists; cannot create")
    )

    assert found.reason == "PushRefused"
    assert "delete that one; it said:" in str(found)
    assert "'refs/heads/resync' exists" in str(found)


def test_an_error_that_no_host_sent_is_ours() -> None:
    error = GitError(["fetch"], 128, "fatal: bad object HEAD")

    with pytest.raises(GitError) as raised, explained(Remote(url=URL)):
        raise error

    assert raised.value is error
    assert REASONS[error.reason].kind is Kind.OURS


def test_a_repository_named_like_an_error_is_not_one() -> None:
    remote = Remote(url="https://forge.test/o/connection-timed-out")
    error = GitError(["fetch"], 128, f"fatal: bad config for {remote.url}")

    assert explain(error, remote, REF) is error


def test_a_full_disk_of_the_pod_needs_a_person() -> None:
    assert told("error: file write error: No space left on device").reason == "DiskFull"
