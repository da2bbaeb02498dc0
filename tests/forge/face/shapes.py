"""Gitea's JSON reshaped to GitHub's: users, repositories, labels, comments, pull requests, commits.

One `Shapes` serves one answer: addresses in it begin with the address that the caller used (PyGithub refuses
others), and it remembers which properties were made up.
"""

import hashlib
from collections.abc import Iterable, Set
from typing import Any
from urllib.parse import quote

from tests.forge.face.completion import Completion
from tests.forge.face.world import App

Json = dict[str, Any]

COPIED_FROM_REPOSITORY = (
    "id",
    "name",
    "full_name",
    "private",
    "description",
    "fork",
    "size",
    "default_branch",
    "archived",
    "created_at",
    "updated_at",
    "has_issues",
    "has_wiki",
    "language",
)
COPIED_FROM_PULL = (
    "id",
    "number",
    "title",
    "state",
    "created_at",
    "updated_at",
    "closed_at",
    "merged",
    "merged_at",
    "merge_commit_sha",
    "comments",
)
FILE_STATUS = {"changed": "modified", "deleted": "removed"}


class Shapes:
    """Makes the objects of one answer."""

    def __init__(
        self, *, root: str, schemas: Json, apps: dict[str, App], organizations: Set[str]
    ) -> None:
        """Take the caller's address of the face, the schemas, and what the face knows about accounts."""
        self.root = root
        self.api = f"{root}/api/v3"
        self.completion = Completion(schemas)
        self._apps = apps
        self._organizations = organizations

    def complete(self, schema: str, value: Json) -> Json:
        """Add what the schema requires and Gitea does not have."""
        return self.completion.complete(schema, value)

    def user(self, user: Json | None) -> Json | None:
        """Shape a user, an organization, or the bot of an App (login `slug[bot]`)."""
        if not user:
            return None
        app = self._apps.get(user["login"])
        login = f"{app.slug}[bot]" if app else user["login"]
        kind = "Organization" if login in self._organizations else "Bot" if app else "User"
        shaped = {
            "login": login,
            "id": user["id"],
            "url": f"{self.api}/users/{quote(login)}",
            "html_url": f"{self.root}/{user['login']}",
            "avatar_url": user["avatar_url"],
            "type": kind,
            "site_admin": bool(user.get("is_admin")),
            "gravatar_id": "",
        }
        return self.complete("simple-user", shaped)

    def repository(self, repository: Json | None, schema: str = "repository") -> Json | None:
        """Shape a repository for one of GitHub's several schemas."""
        if not repository:
            return None
        name = repository["full_name"]
        shaped = {key: repository.get(key) for key in COPIED_FROM_REPOSITORY}
        shaped |= {
            "url": f"{self.api}/repos/{name}",
            "html_url": f"{self.root}/{name}",
            "clone_url": f"{self.root}/{name}.git",
            "owner": self.user(repository["owner"]),
            "pushed_at": repository.get("updated_at"),
            "visibility": "private" if repository["private"] else "public",
            "permissions": repository.get("permissions")
            or {"admin": False, "push": False, "pull": True},
            "license": None,
            "mirror_url": None,
        }
        if schema == "full-repository" and (repository.get("permissions") or {}).get("push"):
            shaped |= {
                "allow_merge_commit": repository["allow_merge_commits"],
                "allow_squash_merge": repository["allow_squash_merge"],
                "allow_rebase_merge": repository["allow_rebase"],
            }
        for count in ("forks", "stargazers", "watchers", "open_issues"):
            shaped[f"{count}_count"] = repository.get(f"{count}_count", 0)
        shaped |= {key: shaped[f"{key}_count"] for key in ("forks", "watchers", "open_issues")}
        if repository.get("parent") and schema == "full-repository":
            shaped["parent"] = self.repository(repository["parent"])
            shaped["source"] = shaped["parent"]
        return self.complete(schema, shaped)

    def label(self, label: Json, repository: str) -> Json:
        """Shape a label."""
        shaped = {
            "id": label["id"],
            "name": label["name"],
            "color": label["color"].lstrip("#"),
            "description": label.get("description") or "",
            "default": False,
            "url": f"{self.api}/repos/{repository}/labels/{quote(label['name'])}",
        }
        return self.complete("label", shaped)

    def comment(self, comment: Json, repository: str) -> Json:
        """Shape a comment of an issue or a pull request."""
        issue = (comment.get("pull_request_url") or comment["issue_url"]).rsplit("/", 1)[1]
        shaped = {key: comment[key] for key in ("id", "body", "created_at", "updated_at")}
        shaped |= {
            "user": self.user(comment["user"]),
            "url": f"{self.api}/repos/{repository}/issues/comments/{comment['id']}",
            "html_url": f"{self.root}/{repository}/pull/{issue}#issuecomment-{comment['id']}",
            "issue_url": f"{self.api}/repos/{repository}/issues/{issue}",
        }
        return self.complete("issue-comment", shaped)

    def pull(self, pull: Json, schema: str = "pull-request") -> Json:
        """Shape a pull request; what only the single one has comes from `pulls.one`."""
        repository = pull["base"]["repo"]["full_name"]
        shaped = {key: pull[key] for key in COPIED_FROM_PULL if key in pull}
        shaped |= self._pull_addresses(repository, pull["number"], pull["head"]["sha"])
        shaped |= {
            "body": pull.get("body") or None,
            "draft": False,
            "user": self.user(pull["user"]),
            "head": self._side(pull, "head"),
            "base": self._side(pull, "base"),
            "labels": [self.label(label, repository) for label in pull.get("labels") or []],
            "assignees": self._users(pull.get("assignees")),
            "requested_reviewers": self._users(pull.get("requested_reviewers")),
            "requested_teams": [
                self.team(it) for it in pull.get("requested_reviewers_teams") or []
            ],
            "locked": pull.get("is_locked", False),
            "merged_by": self.user(pull.get("merged_by")),
            "maintainer_can_modify": bool(pull.get("allow_maintainer_edit")),
            **{
                count: pull.get(count) or 0 for count in ("additions", "deletions", "changed_files")
            },
            **pull.get("single", {}),
        }
        return self.complete(schema, shaped)

    def team(self, team: Json) -> Json:
        """Shape a team; Gitea's teams have no slug but a name that is one."""
        address = f"{self.api}/teams/{team['id']}"
        shaped = {
            "id": team["id"],
            "name": team["name"],
            "slug": team["name"].lower(),
            "url": address,
        }
        return self.complete("team", shaped)

    def commit(self, commit: Json, repository: str) -> Json:
        """Shape a commit."""
        inner, address = commit["commit"], f"{self.api}/repos/{repository}"
        sha, tree = commit["sha"], inner["tree"]["sha"]
        shaped = {
            "sha": sha,
            "url": f"{address}/commits/{sha}",
            "html_url": f"{self.root}/{repository}/commit/{sha}",
            "commit": {
                "url": f"{address}/git/commits/{sha}",
                "author": inner["author"],
                "committer": inner["committer"],
                "message": inner["message"].rstrip("\n"),
                "tree": {"sha": tree, "url": f"{address}/git/trees/{tree}"},
            },
            "author": self.user(commit.get("author")),
            "committer": self.user(commit.get("committer")),
            "parents": [
                {
                    "sha": parent["sha"],
                    "url": f"{address}/commits/{parent['sha']}",
                    "html_url": f"{self.root}/{repository}/commit/{parent['sha']}",
                }
                for parent in commit.get("parents") or []
            ],
        }
        return self.complete("commit", shaped)

    def file(self, file: Json, repository: str, commit: str) -> Json:
        """Shape one file of a diff; `sha` is made up, Gitea's list has no blob ids."""
        name = file["filename"]
        shaped = {key: file.get(key, 0) for key in ("additions", "deletions", "changes")}
        shaped |= {
            "sha": hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(),
            "filename": name,
            "status": FILE_STATUS.get(file["status"], file["status"]),
            "blob_url": f"{self.root}/{repository}/blob/{commit}/{quote(name)}",
            "raw_url": f"{self.root}/{repository}/raw/{commit}/{quote(name)}",
            "contents_url": f"{self.api}/repos/{repository}/contents/{quote(name)}?ref={commit}",
        }
        if file.get("previous_filename"):
            shaped["previous_filename"] = file["previous_filename"]
        self.completion.filled.add("diff-entry.sha")
        return shaped

    def _users(self, users: Iterable[Json] | None) -> list[Json | None]:
        return [self.user(user) for user in users or []]

    def _side(self, pull: Json, side: str) -> Json:
        branch = pull[side]
        repository = branch.get("repo") or (pull["base"]["repo"] if side == "base" else None)
        owner = (repository or pull["base"]["repo"])["owner"]
        # Gitea calls a branch that is gone, or that it was killed before it had noted, by the pull
        # request's own ref; GitHub keeps the name.
        is_noted = not branch["ref"].startswith("refs/pull/")
        name = branch["ref"] if is_noted else branch["label"]
        return {
            "label": f"{owner['login']}:{name}",
            "ref": name,
            "sha": branch["sha"],
            "user": self.user(owner),
            "repo": self.repository(repository),
        }

    def _pull_addresses(self, repository: str, number: int, head: str) -> Json:
        address = f"{self.api}/repos/{repository}/pulls/{number}"
        page = f"{self.root}/{repository}/pull/{number}"
        issue = f"{self.api}/repos/{repository}/issues/{number}"
        links = {
            "self": address,
            "html": page,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{address}/comments",
            "review_comment": f"{self.api}/repos/{repository}/pulls/comments{{/number}}",
            "commits": f"{address}/commits",
            "statuses": f"{self.api}/repos/{repository}/statuses/{head}",
        }
        named = {f"{name}_url": link for name, link in links.items() if name != "self"}
        return {
            **named,
            "url": address,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "_links": {name: {"href": link} for name, link in links.items()},
        }
