"""Commits, their statuses, and comparisons of two of them."""

from urllib.parse import quote

from tests.forge.face.backend import GiteaRefused
from tests.forge.face.routing import Answer, Call, Json, Refusal, Routes, listing, required

routes = Routes()

STATES = ("error", "failure", "pending", "success")


def _status(call: Call, status: Json, repository: str, sha: str) -> Json:
    copied = ("id", "description", "context", "created_at", "updated_at")
    shaped = {key: status[key] for key in copied}
    shaped |= {
        "url": f"{call.shapes.api}/repos/{repository}/statuses/{sha}",
        "state": status["status"],
        "target_url": status["target_url"] or None,
        "creator": call.shapes.user(status["creator"]),
    }
    return call.shapes.complete("status", shaped)


def _statuses(call: Call, repository: str, ref: str) -> tuple[str, list[Json]]:
    """Return the commit's id and all its statuses, newest first."""
    commit = call.gitea.ask("GET", f"/repos/{repository}/git/commits/{quote(ref, safe='')}")
    found = call.gitea.every(f"/repos/{repository}/statuses/{commit['sha']}", {"sort": "newest"})
    return commit["sha"], sorted(found, key=lambda status: -int(status["id"]))


@routes.on("POST", "/repos/{owner}/{name}/statuses/{sha}")
def create_status(call: Call, owner: str, name: str, sha: str) -> Answer:
    """Create a commit status."""
    state = required(call.body, "state", "Status")
    if state not in STATES or len(call.body.get("description") or "") > 140:
        error = {
            "resource": "Status",
            "code": "custom",
            "message": "state or description is invalid",
        }
        raise Refusal(422, "Validation Failed", error)
    wanted = {key: call.body.get(key) or "" for key in ("target_url", "description")}
    wanted |= {"state": state, "context": call.body.get("context", "default")}
    path = f"/repos/{owner}/{name}"
    call.gitea.ask("GET", path)
    try:
        call.gitea.ask("GET", f"{path}/git/commits/{sha}")
    except GiteaRefused as refused:
        raise Refusal(422, f"No commit found for SHA: {sha}") from refused
    made = call.gitea.ask("POST", f"{path}/statuses/{sha}", body=wanted)
    return Answer(status=201, body=_status(call, made, f"{owner}/{name}", sha))


@routes.on("GET", "/repos/{owner}/{name}/commits/{ref*}/statuses")
def list_statuses(call: Call, owner: str, name: str, ref: str) -> Answer:
    """List commit statuses for a reference."""
    sha, found = _statuses(call, f"{owner}/{name}", ref)
    return listing(call, found, lambda status: _status(call, status, f"{owner}/{name}", sha))


def _combined(states: list[str]) -> str:
    """Combine as "Get the combined status for a specific reference" says."""
    if any(state in {"error", "failure"} for state in states):
        return "failure"
    return "success" if states and "pending" not in states else "pending"


@routes.on("GET", "/repos/{owner}/{name}/commits/{ref*}/status")
def get_combined_status(call: Call, owner: str, name: str, ref: str) -> Answer:
    """Get the combined status: the latest of each context."""
    repository = f"{owner}/{name}"
    sha, found = _statuses(call, repository, ref)
    latest: dict[str, Json] = {}
    for status in found:
        latest.setdefault(status["context"], status)
    address = f"{call.shapes.api}/repos/{repository}/commits/{sha}"
    shaped = {
        "state": _combined([status["status"] for status in latest.values()]),
        "statuses": [_status(call, status, repository, sha) for status in latest.values()],
        "sha": sha,
        "total_count": len(latest),
        "repository": call.shapes.repository(
            call.gitea.ask("GET", f"/repos/{repository}"), "minimal-repository"
        ),
        "commit_url": address,
        "url": f"{address}/status",
    }
    return Answer(body=call.shapes.complete("combined-commit-status", shaped))


@routes.on("GET", "/repos/{owner}/{name}/commits/{ref*}")
def get_commit(call: Call, owner: str, name: str, ref: str) -> Answer:
    """Get a commit."""
    found = call.gitea.ask("GET", f"/repos/{owner}/{name}/git/commits/{quote(ref, safe='')}")
    return Answer(body=call.shapes.commit(found, f"{owner}/{name}"))


def _compared(call: Call, repository: str, base: str, head: str) -> Json:
    path = f"/repos/{repository}/compare/{quote(base, safe='')}...{quote(head, safe='')}"
    found: Json = call.gitea.ask("GET", path)
    return found


@routes.on("GET", "/repos/{owner}/{name}/compare/{basehead*}")
def compare(call: Call, owner: str, name: str, basehead: str) -> Answer:
    """Compare two commits: counts and commits; the files are those of the commits."""
    repository, (base, _, head) = f"{owner}/{name}", basehead.partition("...")
    ahead = _compared(call, repository, base, head)
    behind_by = _compared(call, repository, head, base)["total_commits"]
    ahead_by = ahead["total_commits"]
    base_commit = call.gitea.ask("GET", f"/repos/{repository}/git/commits/{quote(base, safe='')}")
    merge_base = _merge_base(call, repository, ahead, head)
    status = {
        (True, True): "diverged",
        (True, False): "ahead",
        (False, True): "behind",
        (False, False): "identical",
    }[(ahead_by > 0, behind_by > 0)]
    address = f"{call.shapes.api}/repos/{repository}/compare/{basehead}"
    shaped = {
        "url": address,
        "base_commit": call.shapes.commit(base_commit, repository),
        "merge_base_commit": call.shapes.commit(merge_base, repository),
        "status": status,
        "ahead_by": ahead_by,
        "behind_by": behind_by,
        "total_commits": ahead_by,
        "commits": [call.shapes.commit(it, repository) for it in (ahead["commits"] or [])[::-1]],
        "files": _files(call, repository, ahead, head),
    }
    return Answer(body=call.shapes.complete("commit-comparison", shaped))


def _merge_base(call: Call, repository: str, ahead: Json, head: str) -> Json:
    # Without commits of its own the head is in the base's history, and is what both have.
    oldest = ahead["commits"][-1]["parents"][0]["sha"] if ahead["commits"] else quote(head, safe="")
    found: Json = call.gitea.ask("GET", f"/repos/{repository}/git/commits/{oldest}")
    return found


def _files(call: Call, repository: str, ahead: Json, head: str) -> list[Json]:
    found: dict[str, Json] = {}
    for commit in ahead["commits"] or []:
        whole = call.gitea.ask("GET", f"/repos/{repository}/git/commits/{commit['sha']}")
        for file in whole.get("files") or []:
            found[file["filename"]] = call.shapes.file(file, repository, head)
    return list(found.values())
