"""Users, organizations, repositories, forks, collaborators, branches, refs, tags."""

import time
from typing import Any
from urllib.parse import quote

from tests.forge.face.backend import Gitea, GiteaRefused
from tests.forge.face.routing import Answer, Call, Json, Refusal, Routes, listing, required

routes = Routes()

PUSH_SECONDS = 20.0
"""How long Gitea may take to take in a push."""

MERGE_SETTINGS = {
    "has_pull_requests": True,
    "allow_manual_merge": True,
    "autodetect_manual_merge": True,
    "allow_merge_commits": True,
    "allow_squash_merge": True,
    "allow_rebase": True,
}
"""What GitHub does of itself: all three methods, and a merge that was pushed is noticed."""


def create(gitea: Gitea, owner_path: str, name: str, *, private: bool) -> Json:
    """Create an empty repository that behaves like GitHub's."""
    body = {"name": name, "private": private, "auto_init": False, "default_branch": "main"}
    made = gitea.ask("POST", f"{owner_path}/repos", body=body)
    settled: Json = gitea.ask("PATCH", f"/repos/{made['full_name']}", body=MERGE_SETTINGS)
    return settled


@routes.on("GET", "/user")
def get_own_user(call: Call) -> Answer:
    """Get the authenticated user."""
    user = call.gitea.ask("GET", "/user")
    shaped = {**(call.shapes.user(user) or {}), "name": user["full_name"] or None}
    shaped |= {"email": user["email"], "user_view_type": "private"}
    return Answer(body=call.shapes.complete("private-user", shaped))


@routes.on("GET", "/users/{login}")
def get_user(call: Call, login: str) -> Answer:
    """Get a user."""
    user = call.gitea.ask("GET", f"/users/{quote(login, safe='')}")
    shaped = {**(call.shapes.user(user) or {}), "name": user["full_name"] or None}
    return Answer(body=call.shapes.complete("public-user", {**shaped, "user_view_type": "public"}))


@routes.on("GET", "/orgs/{login}")
def get_organization(call: Call, login: str) -> Answer:
    """Get an organization."""
    found = call.gitea.ask("GET", f"/orgs/{quote(login, safe='')}")
    shaped = {
        "login": found["name"],
        "id": found["id"],
        "url": f"{call.shapes.api}/orgs/{login}",
        "html_url": f"{call.root}/{login}",
        "avatar_url": found["avatar_url"],
        "type": "Organization",
        "description": found["description"],
    }
    return Answer(body=call.shapes.complete("organization-full", shaped))


@routes.on("POST", "/orgs/{login}/repos")
def create_in_organization(call: Call, login: str) -> Answer:
    """Create an organization repository."""
    name = required(call.body, "name", "Repository")
    private = bool(call.body.get("private"))
    made = create(call.gitea, f"/orgs/{quote(login, safe='')}", name, private=private)
    return Answer(status=201, body=call.shapes.repository(made, "full-repository"))


@routes.on("GET", "/repos/{owner}/{name}")
def get_repository(call: Call, owner: str, name: str) -> Answer:
    """Get a repository."""
    found = call.gitea.ask("GET", f"/repos/{owner}/{name}")
    return Answer(body=call.shapes.repository(found, "full-repository"))


@routes.on("POST", "/repos/{owner}/{name}/forks")
def create_fork(call: Call, owner: str, name: str) -> Answer:
    """Create a fork, into `organization` or the caller's own account."""
    wanted = {key: call.body[key] for key in ("organization", "name") if (call.body or {}).get(key)}
    made = call.gitea.ask("POST", f"/repos/{owner}/{name}/forks", body=wanted)
    made = call.gitea.ask("PATCH", f"/repos/{made['full_name']}", body=MERGE_SETTINGS)
    return Answer(status=202, body=call.shapes.repository(made, "full-repository"))


@routes.on("GET", "/repos/{owner}/{name}/collaborators/{login}/permission")
def get_permission(call: Call, owner: str, name: str, login: str) -> Answer:
    """Get repository permissions for a user; Gitea lets only administrators ask about others."""
    repository = call.gitea.ask("GET", f"/repos/{owner}/{name}")
    admin = Gitea.with_token(call.world.gitea_url, call.world.admin_token)
    user = admin.ask("GET", f"/users/{quote(login, safe='')}")
    path = f"/repos/{owner}/{name}/collaborators/{quote(login, safe='')}/permission"
    found = _permission(admin, path, repository)
    flags = {
        "admin": found == "admin",
        "push": found in {"admin", "write"},
        "pull": found != "none",
    }
    person = {**(call.shapes.user(user) or {}), "permissions": flags, "role_name": found}
    shaped = {
        "permission": found,
        "role_name": found,
        "user": call.shapes.complete("nullable-collaborator", person),
    }
    return Answer(body=shaped)


def _permission(admin: Gitea, path: str, repository: Json) -> str:
    # On GitHub everybody may read a public repository; Gitea says none there.
    found = str(admin.ask("GET", path)["permission"])
    if found == "owner":
        return "admin"
    return "read" if found == "none" and not repository["private"] else found


def _branch(call: Call, path: str) -> Json:
    """Return Gitea's branch; it answers 500 until it has taken in the push that made it."""
    deadline = time.monotonic() + PUSH_SECONDS
    while True:
        try:
            found: Json = call.gitea.ask("GET", path)
        except GiteaRefused as refused:
            if refused.status != 500 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return found


@routes.on("GET", "/repos/{owner}/{name}/rules/branches/{branch*}")
def list_rules(call: Call, owner: str, name: str, branch: str) -> Answer:
    """Get rules for a branch: those that a test made."""
    call.gitea.ask("GET", f"/repos/{owner}/{name}")
    return Answer(body=call.world.rules.get((f"{owner}/{name}", branch), []))


@routes.on("GET", "/repos/{owner}/{name}/branches/{branch}/protection")
def get_protection(call: Call, owner: str, name: str, branch: str) -> Answer:
    """Get branch protection: what a test made, for those who administer the repository."""
    repository = call.gitea.ask("GET", f"/repos/{owner}/{name}")
    if not repository["permissions"]["admin"]:
        raise Refusal(404, "Not Found")
    found = call.world.protections.get((f"{owner}/{name}", branch))
    if found is None:
        raise Refusal(404, "Branch not protected")
    return Answer(body=found)


@routes.on("GET", "/repos/{owner}/{name}/branches/{branch*}")
def get_branch(call: Call, owner: str, name: str, branch: str) -> Answer:
    """Get a branch."""
    path = f"/repos/{owner}/{name}"
    found = _branch(call, f"{path}/branches/{quote(branch, safe='')}")
    commit = call.gitea.ask("GET", f"{path}/git/commits/{found['commit']['id']}")
    address = f"{call.shapes.api}{path}/branches/{quote(branch)}"
    is_protected = found["protected"] or (f"{owner}/{name}", branch) in call.world.protections
    shaped = {
        "name": found["name"],
        "commit": call.shapes.commit(commit, f"{owner}/{name}"),
        "protected": is_protected,
        "protection": {"enabled": is_protected},
        "protection_url": f"{address}/protection",
        "_links": {"self": address, "html": f"{call.root}/{owner}/{name}/tree/{branch}"},
    }
    return Answer(body=call.shapes.complete("branch-with-protection", shaped))


def _ref(call: Call, repository: str, ref: str, kind: str, sha: str) -> Json:
    address = f"{call.shapes.api}/repos/{repository}/git"
    target = {"type": kind, "sha": sha, "url": f"{address}/{kind}s/{sha}"}
    return call.shapes.complete(
        "git-ref", {"ref": ref, "url": f"{address}/{ref}", "object": target}
    )


def _matching(call: Call, repository: str, prefix: str) -> list[Json]:
    # Gitea lists whole folders of refs, GitHub any prefix.
    folder = prefix.rpartition("/")[0]
    try:
        found = call.gitea.ask("GET", f"/repos/{repository}/git/refs/{quote(folder)}")
    except GiteaRefused as refused:
        if refused.status != 404:
            raise
        call.gitea.ask("GET", f"/repos/{repository}")
        return []
    refs = found if isinstance(found, list) else [found]
    return [ref for ref in refs if ref["ref"].startswith(f"refs/{prefix}")]


@routes.on("GET", "/repos/{owner}/{name}/git/matching-refs/{prefix*}")
def list_matching_refs(call: Call, owner: str, name: str, prefix: str) -> Answer:
    """List matching references, all at once."""
    repository = f"{owner}/{name}"
    found = _matching(call, repository, prefix)

    def shape(ref: Any) -> Json:
        return _ref(call, repository, ref["ref"], ref["object"]["type"], ref["object"]["sha"])

    return Answer(body=[shape(ref) for ref in found])


@routes.on("GET", "/repos/{owner}/{name}/git/ref/{ref*}")
def get_ref(call: Call, owner: str, name: str, ref: str) -> Answer:
    """Get a reference."""
    for found in _matching(call, f"{owner}/{name}", ref):
        if found["ref"] == f"refs/{ref}":
            kind, sha = found["object"]["type"], found["object"]["sha"]
            return Answer(body=_ref(call, f"{owner}/{name}", found["ref"], kind, sha))
    raise Refusal(404, "Not Found")


@routes.on("POST", "/repos/{owner}/{name}/git/refs")
def create_ref(call: Call, owner: str, name: str) -> Answer:
    """Create a reference: branches and tags, as far as Gitea's API goes."""
    ref, sha = required(call.body, "ref", "Reference"), required(call.body, "sha", "Reference")
    kind, _, short = ref.removeprefix("refs/").partition("/")
    path, body = {
        "heads": ("branches", {"new_branch_name": short, "old_ref_name": sha}),
        "tags": ("tags", {"tag_name": short, "target": sha}),
    }[kind]
    try:
        call.gitea.ask("POST", f"/repos/{owner}/{name}/{path}", body=body)
    except GiteaRefused as refused:
        if refused.status == 409:
            raise Refusal(422, "Reference already exists") from refused
        raise
    return Answer(status=201, body=_ref(call, f"{owner}/{name}", ref, "commit", sha))


@routes.on("DELETE", "/repos/{owner}/{name}/git/refs/{ref*}")
def delete_ref(call: Call, owner: str, name: str, ref: str) -> Answer:
    """Delete a reference; one that is not there is 422 on GitHub."""
    kind, _, short = ref.partition("/")
    folder = {"heads": "branches", "tags": "tags"}[kind]
    call.gitea.ask("GET", f"/repos/{owner}/{name}")
    try:
        call.gitea.ask("DELETE", f"/repos/{owner}/{name}/{folder}/{quote(short, safe='')}")
    except GiteaRefused as refused:
        if refused.status == 404:
            raise Refusal(422, "Reference does not exist") from refused
        raise
    return Answer(status=204, body=None)


@routes.on("GET", "/repos/{owner}/{name}/tags")
def list_tags(call: Call, owner: str, name: str) -> Answer:
    """List repository tags."""
    address = f"{call.shapes.api}/repos/{owner}/{name}"

    def shape(tag: Any) -> Json:
        sha = tag["commit"]["sha"]
        commit = {"sha": sha, "url": f"{address}/commits/{sha}"}
        return call.shapes.complete("tag", {"name": tag["name"], "commit": commit, "url": address})

    return listing(call, call.gitea.every(f"/repos/{owner}/{name}/tags"), shape)
