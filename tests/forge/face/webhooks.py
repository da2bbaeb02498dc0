"""Webhooks: GitHub's hooks kept as Gitea's hooks that call the face, which reshapes, signs and sends on.

The wanted address, secret and events travel in the query of Gitea's hook, so the face keeps nothing.
Signed as "Validating webhook deliveries" says: HMAC SHA-256 over the raw body.
"""

import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tests.forge.face.routing import Answer, Call, Json, Routes, listing, required
from tests.forge.face.shapes import Shapes
from tests.forge.face.world import World

routes = Routes()
log = logging.getLogger(__name__)

RELAY = "/_relay"
NOTHING = "0" * 40
GITEA_EVENTS = {
    "pull_request": [
        "pull_request",
        "pull_request_only",
        "pull_request_sync",
        "pull_request_label",
        "pull_request_review_request",
        "pull_request_assign",
    ],
    "pull_request_review": ["pull_request_review"],
    "issue_comment": ["pull_request_comment", "issue_comment"],
}
ACTIONS = {"synchronized": "synchronize", "label_updated": "labeled", "label_cleared": "unlabeled"}


def _shaped(call: Call, hook: Json, repository: str) -> Json:
    query = parse_qs(urlsplit(hook["config"]["url"]).query)
    config = {"url": query["url"][0], "content_type": "json", "insecure_ssl": "0"}
    if query.get("secret"):
        config["secret"] = "********"
    address = f"{call.shapes.api}/repos/{repository}/hooks/{hook['id']}"
    shaped = {
        "type": "Repository",
        "id": hook["id"],
        "name": "web",
        "active": hook["active"],
        "events": query["events"][0].split(","),
        "config": config,
        "updated_at": hook["updated_at"],
        "created_at": hook["created_at"],
        "url": address,
        "test_url": f"{address}/test",
        "ping_url": f"{address}/pings",
        "last_response": {"code": None, "status": "unused", "message": None},
    }
    return call.shapes.complete("hook", shaped)


@routes.on("POST", "/repos/{owner}/{name}/hooks")
def create_hook(call: Call, owner: str, name: str) -> Answer:
    """Create a repository webhook."""
    config = required(call.body, "config", "Hook")
    events = call.body.get("events") or ["push"]
    query = {
        "url": required(config, "url", "Hook"),
        "secret": config.get("secret", ""),
        "events": ",".join(events),
    }
    wanted = {
        "type": "gitea",
        "active": call.body.get("active", True),
        "config": {
            "url": f"{call.world.own_address}{RELAY}?{urlencode(query)}",
            "content_type": "json",
        },
        "events": [inner for event in events for inner in GITEA_EVENTS.get(event, [event])],
    }
    made = call.gitea.ask("POST", f"/repos/{owner}/{name}/hooks", body=wanted)
    return Answer(status=201, body=_shaped(call, made, f"{owner}/{name}"))


@routes.on("GET", "/repos/{owner}/{name}/hooks")
def list_hooks(call: Call, owner: str, name: str) -> Answer:
    """List repository webhooks."""
    found = call.gitea.every(f"/repos/{owner}/{name}/hooks")
    return listing(call, found, lambda hook: _shaped(call, hook, f"{owner}/{name}"))


@routes.on("DELETE", "/repos/{owner}/{name}/hooks/{hook}")
def delete_hook(call: Call, owner: str, name: str, hook: str) -> Answer:
    """Delete a repository webhook."""
    call.gitea.ask("DELETE", f"/repos/{owner}/{name}/hooks/{hook}")
    return Answer(status=204, body=None)


def relay(
    *, world: World, shapes: Shapes, query: Mapping[str, str], event: str, payload: Json
) -> None:
    """Send one of Gitea's deliveries on as GitHub would have made it."""
    made = _reshaped(shapes, event, payload)
    if made is None:
        return
    github_event, body = made
    if github_event not in query["events"].split(",") and query["events"] != "*":
        return
    name = f"webhook-{github_event}-{body.get('action', '')}".strip("-").replace("_", "-")
    shapes.complete(name, body)
    world.violate(world.description.check_webhook(github_event, body))
    raw = json.dumps(body).encode()
    try:
        requests.post(
            query["url"], data=raw, headers=_headers(query, github_event, raw), timeout=10
        )
    except requests.RequestException as error:
        log.warning("webhook to %s was not delivered: %s", query["url"], type(error).__name__)


def _headers(query: Mapping[str, str], event: str, raw: bytes) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/face",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
    }
    if query.get("secret"):
        digest = hmac.new(query["secret"].encode(), raw, hashlib.sha256).hexdigest()
        headers["X-Hub-Signature-256"] = f"sha256={digest}"
    return headers


def _reshaped(shapes: Shapes, event: str, payload: Json) -> tuple[str, Json] | None:
    repository = payload["repository"]["full_name"]
    common = {
        "repository": shapes.repository(payload["repository"], "repository-webhooks"),
        "sender": shapes.user(payload["sender"]),
    }
    if event == "push":
        return "push", {**common, **_push(shapes, repository, payload)}
    if event in {"issue_comment", "pull_request_comment"} and "comment" in payload:
        return "issue_comment", {**common, **_comment(shapes, repository, payload)}
    if event.startswith("pull_request") and "pull_request" in payload:
        return _pull_request(shapes, common, payload)
    return None


def _pull_request(shapes: Shapes, common: Json, payload: Json) -> tuple[str, Json] | None:
    action = ACTIONS.get(payload["action"], payload["action"])
    pull = payload["pull_request"]
    if action == "reviewed":
        return None  # we do not listen to reviews
    body = {**common, "action": action, "number": payload["number"]}
    body["pull_request"] = shapes.pull(pull, "pull-request-webhook")
    extra: Json = {}
    if action == "synchronize":
        extra = {"before": payload.get("before") or NOTHING, "after": pull["head"]["sha"]}
    elif action == "edited":
        extra = {"changes": payload.get("changes") or {}}
    elif action == "labeled":
        extra = {"label": (body["pull_request"]["labels"] or [None])[-1]}
    elif action == "review_requested":
        extra = {"requested_reviewer": shapes.user(payload.get("requested_reviewer"))}
    return "pull_request", {**body, **extra}


def _comment(shapes: Shapes, repository: str, payload: Json) -> Json:
    issue = payload["issue"]
    number = issue["number"]
    address = f"{shapes.api}/repos/{repository}/issues/{number}"
    page = f"{shapes.root}/{repository}/pull/{number}"
    shaped = {key: issue[key] for key in ("id", "number", "title", "state", "body", "comments")}
    shaped |= {
        "url": address,
        "html_url": page,
        "repository_url": f"{shapes.api}/repos/{repository}",
        "user": shapes.user(issue["user"]),
        "labels": [shapes.label(label, repository) for label in issue.get("labels") or []],
        "created_at": issue["created_at"],
        "updated_at": issue["updated_at"],
        "closed_at": issue.get("closed_at"),
        "assignee": None,
        "assignees": [],
        "locked": False,
        "active_lock_reason": None,
    }
    if payload.get("is_pull"):
        pull = f"{shapes.api}/repos/{repository}/pulls/{number}"
        diffs = {"diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        shaped["pull_request"] = {"url": pull, "html_url": page, **diffs}
    body: Json = {
        "action": payload["action"],
        "issue": shaped,
        "comment": shapes.comment(payload["comment"], repository),
    }
    if payload["action"] == "edited":
        body["changes"] = payload.get("changes") or {}
    return body


def _push(shapes: Shapes, repository: str, payload: Json) -> Json:
    commits = [_pushed_commit(shapes, repository, it) for it in payload["commits"] or []]
    return {
        "ref": payload["ref"],
        "before": payload["before"],
        "after": payload["after"],
        "created": payload["before"] == NOTHING,
        "deleted": payload["after"] == NOTHING,
        "forced": False,
        "base_ref": None,
        "compare": f"{shapes.root}/{repository}/compare/{payload['before']}...{payload['after']}",
        "commits": commits,
        "head_commit": commits[0] if commits else None,
        "pusher": {"name": payload["pusher"]["login"], "email": payload["pusher"]["email"]},
    }


def _pushed_commit(shapes: Shapes, repository: str, commit: Json) -> Json:
    people: Any = {
        role: {key: commit[role][key] for key in ("name", "email", "username")}
        for role in ("author", "committer")
    }
    return {
        "id": commit["id"],
        "tree_id": NOTHING,
        "distinct": True,
        "message": commit["message"],
        "timestamp": commit["timestamp"],
        "url": f"{shapes.root}/{repository}/commit/{commit['id']}",
        **people,
        **{kind: commit[kind] or [] for kind in ("added", "removed", "modified")},
    }
