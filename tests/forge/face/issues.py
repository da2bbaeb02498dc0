"""What pull requests have in common with issues: comments and labels."""

from typing import Any

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

NEW_LABEL_COLOR = "#ededed"
"""The grey that GitHub gives a label which is made by adding it."""


@routes.on("GET", "/repos/{owner}/{name}/issues/{number}/comments")
def list_comments(call: Call, owner: str, name: str, number: str) -> Answer:
    """List issue comments, oldest first; `since` counts changes too."""
    since = {"since": call.query["since"]} if "since" in call.query else None
    path = f"/repos/{owner}/{name}/issues/{number}/comments"
    found = call.gitea.ask("GET", path, query=since) or []
    return listing(call, found, lambda comment: call.shapes.comment(comment, f"{owner}/{name}"))


@routes.on("POST", "/repos/{owner}/{name}/issues/{number}/comments")
def create_comment(call: Call, owner: str, name: str, number: str) -> Answer:
    """Create an issue comment."""
    wanted = {"body": required(call.body, "body", "IssueComment")}
    refuse_long(call.body, "IssueComment")
    made = call.gitea.ask("POST", f"/repos/{owner}/{name}/issues/{number}/comments", body=wanted)
    return Answer(status=201, body=call.shapes.comment(made, f"{owner}/{name}"))


@routes.on("PATCH", "/repos/{owner}/{name}/issues/comments/{comment}")
def update_comment(call: Call, owner: str, name: str, comment: str) -> Answer:
    """Update an issue comment."""
    wanted = {"body": required(call.body, "body", "IssueComment")}
    path = f"/repos/{owner}/{name}/issues/comments/{comment}"
    changed = call.gitea.ask("PATCH", path, body=wanted)
    return Answer(body=call.shapes.comment(changed, f"{owner}/{name}"))


@routes.on("DELETE", "/repos/{owner}/{name}/issues/comments/{comment}")
def delete_comment(call: Call, owner: str, name: str, comment: str) -> Answer:
    """Delete an issue comment."""
    call.gitea.ask("DELETE", f"/repos/{owner}/{name}/issues/comments/{comment}")
    return Answer(status=204, body=None)


def _names(body: Any) -> list[str]:
    wanted = body.get("labels", []) if isinstance(body, dict) else body
    return [label if isinstance(label, str) else label["name"] for label in wanted]


def _ensure(call: Call, repository: str, names: list[str]) -> None:
    there = {label["name"] for label in call.gitea.every(f"/repos/{repository}/labels")}
    for name in names:
        if name not in there:
            wanted = {"name": name, "color": NEW_LABEL_COLOR}
            call.gitea.ask("POST", f"/repos/{repository}/labels", body=wanted)


def _labels(call: Call, repository: str, found: list[Json] | None) -> Answer:
    return listing(call, found or [], lambda label: call.shapes.label(label, repository))


@routes.on("GET", "/repos/{owner}/{name}/issues/{number}/labels")
def list_labels(call: Call, owner: str, name: str, number: str) -> Answer:
    """List labels for an issue."""
    found = call.gitea.ask("GET", f"/repos/{owner}/{name}/issues/{number}/labels")
    return _labels(call, f"{owner}/{name}", found)


@routes.on("POST", "/repos/{owner}/{name}/issues/{number}/labels")
def add_labels(call: Call, owner: str, name: str, number: str) -> Answer:
    """Add labels to an issue; unknown ones are made."""
    return _write_labels(call, "POST", f"{owner}/{name}", number)


@routes.on("PUT", "/repos/{owner}/{name}/issues/{number}/labels")
def set_labels(call: Call, owner: str, name: str, number: str) -> Answer:
    """Set labels for an issue."""
    return _write_labels(call, "PUT", f"{owner}/{name}", number)


def _write_labels(call: Call, method: str, repository: str, number: str) -> Answer:
    names = _names(call.body)
    _ensure(call, repository, names)
    path = f"/repos/{repository}/issues/{number}/labels"
    return _labels(call, repository, call.gitea.ask(method, path, body={"labels": names}))


@routes.on("DELETE", "/repos/{owner}/{name}/issues/{number}/labels/{label*}")
def remove_label(call: Call, owner: str, name: str, number: str, label: str) -> Answer:
    """Remove a label from an issue."""
    path = f"/repos/{owner}/{name}/issues/{number}/labels"
    found = [it["id"] for it in call.gitea.ask("GET", path) or [] if it["name"] == label]
    if not found:
        raise Refusal(404, "Label does not exist")
    call.gitea.ask("DELETE", f"{path}/{found[0]}")
    return _labels(call, f"{owner}/{name}", call.gitea.ask("GET", path))


@routes.on("POST", "/repos/{owner}/{name}/labels")
def create_label(call: Call, owner: str, name: str) -> Answer:
    """Create a label."""
    wanted = {
        "name": required(call.body, "name", "Label"),
        "color": "#" + call.body.get("color", NEW_LABEL_COLOR.lstrip("#")),
        "description": call.body.get("description", ""),
    }
    made = call.gitea.ask("POST", f"/repos/{owner}/{name}/labels", body=wanted)
    return Answer(status=201, body=call.shapes.label(made, f"{owner}/{name}"))
