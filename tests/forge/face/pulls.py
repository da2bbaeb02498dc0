"""Pull requests: list, open, edit, merge, files, commits, reviewers, reviews."""

import time
from typing import Any
from urllib.parse import quote

from tests.forge.face.backend import GiteaRefused
from tests.forge.face.routing import (
    Answer,
    Call,
    Json,
    Refusal,
    Routes,
    listing,
    refuse_long,
    required,
)

routes = Routes()

CHECK_SECONDS = 10.0
"""Gitea says "not mergeable" while it still checks; only after this long is it believed."""

BUSY = "try again later"
"""What Gitea says of a pull request that it is just checking."""

REVIEW_STATES = {"REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def one(call: Call, repository: str, number: int | str) -> Json:
    """Return one pull request of Gitea's with what GitHub tells of a single one under `single`."""
    pull: Json = call.gitea.ask("GET", f"/repos/{repository}/pulls/{number}")
    mergeable = _mergeable(call, repository, pull)
    states = {True: "clean", False: "dirty", None: "unknown"}
    commits = _commit_count(call, repository, number)
    pull["single"] = {
        "mergeable": mergeable,
        "mergeable_state": states[mergeable],
        "commits": commits,
    }
    return pull


def _mergeable(call: Call, repository: str, pull: Json) -> bool | None:
    """Return whether a pull request merges; None while that is not known, as GitHub has it."""
    if pull["state"] != "open":
        return None
    if pull["mergeable"]:
        return True
    key = (repository, pull["number"], pull["head"]["sha"], pull["base"]["sha"])
    waited = time.monotonic() - call.world.unmergeable_since.setdefault(key, time.monotonic())
    return False if waited > CHECK_SECONDS else None


def _checked(call: Call, repository: str, number: int | str) -> Json:
    """Return one pull request when Gitea has found out whether it merges."""
    while (pull := one(call, repository, number))["state"] == "open":
        if pull["single"]["mergeable"] is not None:
            break
        time.sleep(0.1)
    return pull


def _commit_count(call: Call, repository: str, number: int | str) -> int:
    path = f"/repos/{repository}/pulls/{number}/commits"
    try:
        answer = call.gitea.raw("GET", path, query={"limit": 1, "files": "false", "stat": "false"})
    except GiteaRefused:
        return 0  # a branch of a closed pull request may be gone
    return int(answer.headers.get("X-Total-Count", 0))


def _has_head(pull: Json, head: str) -> bool:
    owner, _, branch = head.rpartition(":")
    repository = pull["head"]["repo"] or pull["base"]["repo"]
    same_owner = not owner or repository["owner"]["login"].lower() == owner.lower()
    return bool(pull["head"]["ref"] == branch and same_owner)


@routes.on("GET", "/repos/{owner}/{name}/pulls")
def list_pulls(call: Call, owner: str, name: str) -> Answer:
    """List pull requests, newest first unless told otherwise."""
    found = _all_pulls(call, f"{owner}/{name}")
    base, head = call.query.get("base"), call.query.get("head")
    found = [
        pull
        for pull in found
        if (not base or pull["base"]["ref"] == base) and (not head or _has_head(pull, head))
    ]
    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    down = call.query.get("direction", "desc") == "desc"
    found.sort(key=lambda pull: (pull[key], pull["number"]), reverse=down)
    return listing(call, found, lambda pull: call.shapes.pull(pull, "pull-request-simple"))


def _all_pulls(call: Call, repository: str) -> list[Json]:
    path, wanted = f"/repos/{repository}/pulls", {"state": call.query.get("state", "open")}
    try:
        return call.gitea.every(path, wanted)
    except GiteaRefused as refused:
        # Gitea has no list of pull requests until it has taken in the first push.
        if refused.status != 404:
            raise
        is_empty = call.gitea.ask("GET", f"/repos/{repository}")["empty"]
        return [] if is_empty else call.gitea.every(path, wanted)


@routes.on("POST", "/repos/{owner}/{name}/pulls")
def create_pull(call: Call, owner: str, name: str) -> Answer:
    """Create a pull request; `head` may be `owner:branch` of a fork."""
    wanted = {key: required(call.body, key, "PullRequest") for key in ("title", "head", "base")}
    refuse_long(call.body, "PullRequest")
    wanted["head"] = wanted["head"].removeprefix(f"{owner}:")
    wanted["body"] = call.body.get("body") or ""
    _refuse_without_commits(call, f"{owner}/{name}", wanted)
    try:
        made = call.gitea.ask("POST", f"/repos/{owner}/{name}/pulls", body=wanted)
    except GiteaRefused as refused:
        raise _refused_pull(call, f"{owner}/{name}", refused) from refused
    return Answer(status=201, body=call.shapes.pull(one(call, f"{owner}/{name}", made["number"])))


def _refuse_without_commits(call: Call, repository: str, wanted: Json) -> None:
    """Refuse what GitHub refuses and Gitea opens."""
    sides = f"{quote(wanted['base'], safe='')}...{quote(wanted['head'], safe=':')}"
    try:
        compared = call.gitea.ask("GET", f"/repos/{repository}/compare/{sides}")
    except GiteaRefused:
        return  # a branch is missing: opening will say so
    if compared["total_commits"] == 0:
        message = f"No commits between {wanted['base']} and {wanted['head']}"
        error = {"resource": "PullRequest", "code": "custom", "message": message}
        raise Refusal(422, "Validation Failed", error)


def _refused_pull(call: Call, repository: str, refused: GiteaRefused) -> Exception:
    head = call.body["head"]
    error = {"resource": "PullRequest", "code": "custom"}
    if refused.status == 409:
        error["message"] = f"A pull request already exists for {head}."
    elif refused.status == 404:
        call.gitea.ask("GET", f"/repos/{repository}")  # a missing repository stays 404
        error = {"resource": "PullRequest", "field": "head", "code": "invalid"}
    else:
        return refused
    return Refusal(422, "Validation Failed", error)


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}")
def get_pull(call: Call, owner: str, name: str, number: str) -> Answer:
    """Get a pull request."""
    return Answer(body=call.shapes.pull(one(call, f"{owner}/{name}", number)))


@routes.on("PATCH", "/repos/{owner}/{name}/pulls/{number}")
def update_pull(call: Call, owner: str, name: str, number: str) -> Answer:
    """Update a pull request: title, body, state, base."""
    refuse_long(call.body, "PullRequest")
    changes = {
        key: call.body[key] for key in ("title", "body", "state", "base") if key in call.body
    }
    path = f"/repos/{owner}/{name}/pulls/{number}"
    merged = "state" in changes and call.gitea.ask("GET", path)["merged"]
    if merged and changes.pop("state") == "open":
        raise Refusal(422, "Validation Failed", {"field": "state", "code": "invalid"})
    if changes:
        call.gitea.ask("PATCH", path, body=changes)
    return get_pull(call, owner, name, number)


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}/merge")
def is_merged(call: Call, owner: str, name: str, number: str) -> Answer:
    """Check if a pull request has been merged."""
    call.gitea.ask("GET", f"/repos/{owner}/{name}/pulls/{number}/merge")
    return Answer(status=204, body=None)


@routes.on("PUT", "/repos/{owner}/{name}/pulls/{number}/merge")
def merge_pull(call: Call, owner: str, name: str, number: str) -> Answer:
    """Merge a pull request: merge, squash or rebase."""
    body = call.body or {}
    pull = _checked(call, f"{owner}/{name}", number)
    if not pull["single"]["mergeable"]:
        raise Refusal(405, "Pull Request is not mergeable")
    if body.get("sha") and body["sha"] != pull["head"]["sha"]:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    wanted = {
        "Do": body.get("merge_method", "merge"),
        "MergeTitleField": body.get("commit_title", ""),
        "MergeMessageField": body.get("commit_message", ""),
        "head_commit_id": body.get("sha", ""),
    }
    _merge(call, f"/repos/{owner}/{name}/pulls/{number}/merge", wanted)
    sha = one(call, f"{owner}/{name}", number)["merge_commit_sha"]
    message = "Pull Request successfully merged"
    return Answer(body={"sha": sha, "merged": True, "message": message})


def _merge(call: Call, path: str, wanted: Json) -> None:
    """Merge as soon as Gitea has checked what was pushed just now, which GitHub does not wait for."""
    deadline = time.monotonic() + CHECK_SECONDS
    while True:
        try:
            call.gitea.ask("POST", path, body=wanted)
        except GiteaRefused as refused:
            if BUSY not in refused.message or time.monotonic() > deadline:
                status = 405 if refused.status == 409 else refused.status
                message = refused.message or "Pull Request is not mergeable"
                raise Refusal(status, message) from refused
            time.sleep(0.1)
        else:
            return


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}/files")
def list_files(call: Call, owner: str, name: str, number: str) -> Answer:
    """List pull requests files, without patches."""
    path = f"/repos/{owner}/{name}/pulls/{number}"
    head = call.gitea.ask("GET", path)["head"]["sha"]
    found = call.gitea.every(f"{path}/files")
    return listing(call, found, lambda file: call.shapes.file(file, f"{owner}/{name}", head))


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}/commits")
def list_commits(call: Call, owner: str, name: str, number: str) -> Answer:
    """List commits on a pull request, oldest first."""
    found = call.gitea.every(f"/repos/{owner}/{name}/pulls/{number}/commits")
    return listing(call, found[::-1], lambda commit: call.shapes.commit(commit, f"{owner}/{name}"))


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}/requested_reviewers")
def list_requested_reviewers(call: Call, owner: str, name: str, number: str) -> Answer:
    """Get all requested reviewers for a pull request; Gitea also lists those who have reviewed it."""
    path = f"/repos/{owner}/{name}/pulls/{number}"
    pull = call.shapes.pull(call.gitea.ask("GET", path))
    done = {it["user"]["login"] for it in _given(call, path)}
    users = [it for it in pull["requested_reviewers"] if it["login"] not in done]
    return Answer(body={"users": users, "teams": pull["requested_teams"]})


@routes.on("POST", "/repos/{owner}/{name}/pulls/{number}/requested_reviewers")
def request_reviewers(call: Call, owner: str, name: str, number: str) -> Answer:
    """Request reviewers for a pull request; one who may not is 422 on GitHub."""
    path = f"/repos/{owner}/{name}/pulls/{number}"
    body = call.body or {}
    wanted = {key: body.get(key) or [] for key in ("reviewers", "team_reviewers")}
    call.gitea.ask("GET", path)
    try:
        call.gitea.ask("POST", f"{path}/requested_reviewers", body=wanted)
    except GiteaRefused as refused:
        if refused.status in {404, 422}:
            message = "Reviews may only be requested from collaborators. " + refused.message
            raise Refusal(422, message) from refused
        raise
    shaped = call.shapes.pull(call.gitea.ask("GET", path), "pull-request-simple")
    return Answer(status=201, body=shaped)


def _given(call: Call, path: str) -> list[Json]:
    """Return the reviews that were given; Gitea has those among them that are asked for."""
    found = call.gitea.every(f"{path}/reviews")
    return [review for review in found if review["state"] != "REQUEST_REVIEW"]


def _review(call: Call, review: Json, repository: str, number: str) -> Json:
    page = f"{call.root}/{repository}/pull/{number}#pullrequestreview-{review['id']}"
    pull = f"{call.shapes.api}/repos/{repository}/pulls/{number}"
    shaped = {key: review[key] for key in ("id", "body", "submitted_at", "commit_id")}
    shaped |= {
        "user": call.shapes.user(review["user"]),
        "state": REVIEW_STATES.get(review["state"], review["state"]),
        "html_url": page,
        "pull_request_url": pull,
        "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
    }
    return call.shapes.complete("pull-request-review", shaped)


@routes.on("GET", "/repos/{owner}/{name}/pulls/{number}/reviews")
def list_reviews(call: Call, owner: str, name: str, number: str) -> Answer:
    """List reviews for a pull request."""
    given = _given(call, f"/repos/{owner}/{name}/pulls/{number}")
    return listing(call, given, lambda review: _review(call, review, f"{owner}/{name}", number))


@routes.on("POST", "/repos/{owner}/{name}/pulls/{number}/reviews")
def create_review(call: Call, owner: str, name: str, number: str) -> Answer:
    """Create a review for a pull request."""
    event: Any = (call.body or {}).get("event", "PENDING")
    wanted = {
        "body": call.body.get("body", ""),
        "event": "APPROVED" if event == "APPROVE" else event,
    }
    path = f"/repos/{quote(owner)}/{quote(name)}/pulls/{number}/reviews"
    made = call.gitea.ask("POST", path, body=wanted)
    return Answer(body=_review(call, made, f"{owner}/{name}", number))
