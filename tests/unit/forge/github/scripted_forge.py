"""A forge whose raw answers a test scripts, and our client of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.settings import HostSettings
from tests.hosts import Asked, Reply, Script, ScriptedHost, scripted

HOST = "h.test"
REPOSITORY = "org/down"
BRANCH = "resync/p/1"
API = "/api/v3"
PULLS = f"{API}/repos/{REPOSITORY}/pulls"
COMMIT = "1" * 40


def pull(number: int, *, head: str = BRANCH, **other: Any) -> dict[str, Any]:
    """Return a pull request as GitHub lists it."""
    of_head, base = other.pop("of", REPOSITORY), other.pop("base", "main")
    return {
        "number": number,
        "html_url": f"https://{HOST}/{REPOSITORY}/pull/{number}",
        "state": "open",
        "title": "Bump x",
        "body": "",
        "labels": [],
        "user": {"login": "dependabot"},
        "head": {
            "ref": head,
            "sha": COMMIT,
            "label": f"org:{head}",
            "repo": {"full_name": of_head} if of_head else None,
        },
        "base": {
            "ref": base,
            "sha": "2" * 40,
            "repo": {"full_name": other.pop("into", REPOSITORY)},
        },
        "merged_at": None,
        "merge_commit_sha": None,
        "updated_at": "2026-01-01T00:00:00Z",
    } | other


def invalid(**error: str) -> Reply:
    return Reply(status=422, body={"message": "Validation Failed", "errors": [error]})


def refused(status: int, message: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body={"message": message}, headers=named)


@dataclass
class Site:
    """A forge that answers by a script, and our client of it with a clock that a test moves."""

    host: ScriptedHost
    forge: GitHubForge
    seconds: float = 0.0

    def publish(self) -> int:
        """Open a pull request and label it; return how often the forge was asked."""
        made = self.forge.create_pull_request(branch=BRANCH, base="main", title="t", body="b")
        self.forge.add_labels(made.number, ["sync"])
        return len(self.host.asked)


@contextmanager
def site(script: Script, *, fork: str | None = None) -> Iterator[Site]:
    with scripted(script) as host:
        found: list[Site] = []
        forge = GitHubForge(
            RepositoryName.of(f"{HOST}/{REPOSITORY}"),
            credentials=Token(value="s3cret-token"),
            hosts={HOST: HostSettings(api_url=f"{host.url}{API}")},
            head_repository=RepositoryName.of(f"{HOST}/{fork}") if fork else None,
            policy=CallPolicy(clock=lambda: found[0].seconds),
        )
        with forge:
            found.append(Site(host, forge))
            yield found[0]


def answering(at: str, reply: Reply) -> Script:
    """Return a script that refuses a POST to a path with this end, and accepts the rest."""

    def script(asked: Asked) -> Reply:
        if asked.method == "POST" and asked.path.endswith(at):
            return reply
        if asked.method == "POST":
            return Reply(status=201, body=pull(1) if asked.path == PULLS else [])
        return Reply(body=[])

    return script
