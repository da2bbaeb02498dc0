"""One world: a namespace of the cluster, a pair of repositories on the forge, our controller.

In: a cluster, a forge and a Slack receiver that run already. Out: what a maintainer and an
administrator would do (apply a Plan, push a release, merge a pull request), and what they would see.
Repository names on the forge carry the world's name, so that worlds do not meet.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from github import GithubException
from github.PullRequest import PullRequest

from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.forge.launcher import BOT, MAINTAINER, TestForge
from tests.slack.receiver import SlackReceiver
from tests.world.controller import Controller, settings_for
from tests.world.repositories import (
    BRANCH,
    Repository,
    make_downstream,
    make_upstream,
    release,
)

ROOT = Path(__file__).parents[2]
SYNC_SECONDS = 180.0

Manifest = dict[str, Any]


@dataclass(kw_only=True)
class World:
    """A namespace, two repositories, a controller.

    Attributes:
        name: of the namespace, and part of the repositories' names.
        upstream: upstream's work tree, to release from.
        downstream: downstream's, to patch.
    """

    name: str
    cluster: Coordinates
    kubectl: Kubectl
    forge: TestForge
    slack: SlackReceiver
    folder: Path
    upstream_name: str
    downstream_name: str
    upstream: Repository = field(init=False)
    downstream: Repository = field(init=False)
    controller: Controller = field(init=False)

    def build(self, *, private: bool = False) -> None:
        """Make the repositories on the forge, the Secrets, and a controller that is not started."""
        self.upstream = make_upstream(self.folder / "upstream")
        self.downstream = make_downstream(self.folder / "downstream", self.upstream)
        self.forge.create_repository(self.upstream_name)
        self.forge.create_repository(self.downstream_name, private=private)
        self.push_upstream()
        self.push_downstream(BRANCH)
        self.add_secrets(self.forge.tokens[BOT], "xoxb-good")
        address = self.forge.git_url_at(self.cluster.host_address)
        settings = settings_for(
            kubeconfig=self.cluster.kubeconfig,
            namespace=self.name,
            forge_address=address,
            slack_url=self.slack.url_at(self.cluster.host_address),
            image=self.cluster.project_image,
        )
        self.controller = Controller(environment=settings, log=self.folder / "controller.log")

    def add_secrets(self, github_token: str, slack_token: str) -> None:
        """Write the Secrets that the Plan names."""
        self.kubectl.apply(
            self._secret("github-secret", token=github_token, webhookSecret="hook"),
            self._secret("slack-secret", token=slack_token),
        )

    def plan(
        self,
        sample: str = "plan-mended.yaml",
        *,
        matched: str = ">=1.21.1 <1.22.0",
        **config: object,
    ) -> Manifest:
        """Return a sample Plan for this world's repositories, with changes to its config.

        Args:
            sample: file name of the sample.
            matched: its range; by default without 1.21.0, which the fork begins with.
            config: parts of the config to replace.
        """
        text = (ROOT / "tests" / "samples" / sample).read_text()
        manifest: Manifest = yaml.safe_load(text)
        given = manifest["spec"]["config"]
        given["upstream"] = {
            "name": f"github.com/{self.upstream_name}",
            "matchedVersions": [matched],
        }
        given["downstream"]["name"] = f"github.com/{self.downstream_name}"
        given["image"] = self.cluster.step_image
        given.update(config)
        return manifest

    def apply(self, *objects: Manifest) -> None:
        """Apply objects in the world's namespace."""
        self.kubectl.apply(*objects)

    def release(self, version: str, files: Mapping[str, str | None] | None = None) -> str:
        """Let upstream release a version; return its commit."""
        commit = release(self.upstream, version, files)
        self.push_upstream()
        return commit

    def push_upstream(self) -> None:
        """Push all branches and tags of upstream."""
        self._push(
            self.upstream,
            self.upstream_name,
            "refs/heads/*:refs/heads/*",
            "refs/tags/*:refs/tags/*",
        )

    def push_downstream(self, branch: str) -> None:
        """Push a branch of downstream."""
        self._push(self.downstream, self.downstream_name, f"{branch}:refs/heads/{branch}")

    def fetch_downstream(self, *refs: str, repository: str = "") -> None:
        """Bring refs of the forge's downstream, or of its fork, into downstream's work tree."""
        url = f"{self.forge.git_url}/{repository or self.downstream_name}"
        self.downstream.fetch(url, self.forge.tokens[MAINTAINER], *refs)

    def tags(self) -> list[Manifest]:
        """Return the Tags of the namespace."""
        return self.kubectl.list("tags.resync.openshift.io")

    def sync(self, version: str) -> Manifest:
        """Return the status of the version's only Sync; empty while there is none."""
        for sync in self.kubectl.list("syncs.resync.openshift.io"):
            status: Manifest = sync.get("status", {})
            if status.get("version") == version:
                return status
        return {}

    def next_release(self) -> Manifest:
        """Return what the only Plan says of the release whose turn comes next; empty for none."""
        (plan,) = self.kubectl.list("plans.resync.openshift.io")
        found: Manifest = plan.get("status", {}).get("next", {})
        return found

    def wait_for_phase(self, version: str, *phases: str, seconds: float = SYNC_SECONDS) -> Manifest:
        """Wait until a version's sync is in one of the phases, and return it."""

        def arrived() -> Manifest | None:
            found = self.sync(version)
            return found if found.get("phase") in phases else None

        return wait_for(
            arrived, deadline_seconds=seconds, describe=lambda: self._explain(version, phases)
        )

    def wait_for_condition(
        self, kind: str, name: str, condition: str, *, seconds: float = 60
    ) -> Manifest:
        """Wait until an object has a condition `Type=Status`, and return the condition."""
        wanted, _, status = condition.partition("=")

        def arrived() -> Manifest | None:
            found = self.kubectl.get(kind, name).get("status", {}).get("conditions", [])
            return next((c for c in found if c["type"] == wanted and c["status"] == status), None)

        return wait_for(
            arrived, deadline_seconds=seconds, describe=lambda: f"{kind} {name}: {condition}"
        )

    def workflows(self) -> list[Manifest]:
        """Return the Workflows of the namespace."""
        return self.kubectl.list("workflows.argoproj.io")

    def pull_requests(self, state: str = "all", *, repository: str = "") -> list[PullRequest]:
        """Return downstream's pull requests, or its fork's, newest first, as the maintainer sees them."""
        return list(self.repository(repository).get_pulls(state=state))

    def repository(self, name: str = "") -> Any:
        """Return downstream, or its fork, as the maintainer's GitHub client sees it."""
        return self.forge.as_user(MAINTAINER).get_repo(name or self.downstream_name)

    def resolve(self, pull_request: PullRequest, files: Mapping[str, str | None]) -> str:
        """Push a resolution to a conflict pull request's head, as a person does on a laptop."""
        head, repository = pull_request.head.ref, pull_request.head.repo.full_name
        self.fetch_downstream(head, repository=repository)
        folder = self.folder / f"resolution-{pull_request.number}"
        self.downstream.git("worktree", "add", "--quiet", "--detach", folder, "FETCH_HEAD")
        person = Repository(folder)
        commit = person.commit("Resolve the conflict", files)
        self._push(person, repository, f"HEAD:refs/heads/{head}")
        return commit

    def merge(self, pull_request: PullRequest, method: str = "merge") -> None:
        """Merge a pull request as the maintainer; Gitea checks a while whether it can be."""

        def merged() -> bool:
            repository = self.repository(pull_request.base.repo.full_name)
            fresh = repository.get_pull(pull_request.number)
            if fresh.merged or not fresh.mergeable:
                return bool(fresh.merged)
            try:
                return bool(fresh.merge(merge_method=method).merged)
            except GithubException as error:
                if error.status != HTTPStatus.METHOD_NOT_ALLOWED:
                    raise
                return False  # a push set off another check meanwhile

        wait_for(merged, deadline_seconds=120, describe=f"the merge of #{pull_request.number}")

    def _push(self, repository: Repository, name: str, *refs: str) -> None:
        url = f"{self.forge.git_url}/{name}"
        repository.push(url, self.forge.tokens[MAINTAINER], *refs)

    def _secret(self, name: str, **values: str) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": values,
        }

    def _explain(self, version: str, phases: tuple[str, ...]) -> str:
        found = json.dumps(self.sync(version), indent=2)
        return f"{version} to be {' or '.join(phases)}; it is {found}\n{self.controller.tail(40)}"
