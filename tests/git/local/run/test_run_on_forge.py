"""`resync-argo run` on repositories of the real forge, for a person with a token."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from github.Repository import Repository as Repo

from tests.cluster.waiting import wait_for
from tests.forge.launcher import BOT, MAINTAINER, OUTSIDER, TestForge
from tests.git.builders import HOST
from tests.git.local_runs import BRANCH, MERGE, PULL_REQUEST, Laptop, make_laptop
from tests.git.repositories import Repository

pytestmark = pytest.mark.forge


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """A laptop whose repositories are on the forge."""

    laptop: Laptop
    forge: TestForge
    downstream: str

    def run(self, *words: str, login: str = BOT) -> tuple[int, str, str]:
        """Run the Plan as one of the accounts; return exit code, output and error output."""
        self.laptop.variables |= {"GITHUB_TOKEN": self.forge.tokens[login], "GH_HOST": HOST}
        done = self.laptop.call("run", self.laptop.plan, "--tag", "1.1.0", *words)
        return done.returncode, done.stdout, done.stderr

    def writes(self) -> list[str]:
        """Return the write requests to the forge so far."""
        return [entry.path for entry in self.forge.journal() if entry.method != "GET"]

    def branches(self) -> str:
        """Return the downstream's branches, as git lists them."""
        url = self.forge.push_url(self.downstream, MAINTAINER)
        return self.laptop.world.downstream.git("ls-remote", "--heads", url)


@pytest.fixture
def hosted(tmp_path: Path, forge: TestForge) -> Hosted:
    laptop = make_laptop(tmp_path)
    names = {side: f"{side}-{uuid.uuid4().hex[:8]}/project" for side in ("up", "down")}
    publish(forge, names["up"], laptop.world.upstream)
    publish(forge, names["down"], laptop.world.downstream)
    laptop.variables["RESYNC_HOSTS"] = json.dumps(
        {HOST: {"apiUrl": forge.api_url, "gitUrl": forge.git_url}}
    )
    made = Hosted(laptop=laptop, forge=forge, downstream=names["down"])
    write_plan(made, names["up"])
    return made


def publish(forge: TestForge, name: str, repository: Repository) -> None:
    forge.create_repository(name)
    url = forge.push_url(name, MAINTAINER)
    repository.git("push", "-q", url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")


def write_plan(hosted: Hosted, upstream: str) -> None:
    hosted.laptop.write_plan(
        MERGE,
        PULL_REQUEST,
        upstream={"name": f"{HOST}/{upstream}", "matchedVersions": ["1.x"]},
        downstream={"name": f"{HOST}/{hosted.downstream}", "branch": BRANCH},
        slack=None,
    )


def merge(repository: Repo, number: int) -> None:
    """Merge a pull request, once Gitea knows that it can be merged."""

    def merged() -> bool:
        fresh = repository.get_pull(number)
        return bool(fresh.mergeable and fresh.merge().merged)

    wait_for(merged, deadline_seconds=30, describe=f"the merge of #{number}")


def test_a_release_becomes_a_pull_request(hosted: Hosted) -> None:
    code, output, errors = hosted.run("--format", "json")

    assert code == 0, errors
    (opened,) = hosted.forge.as_user(MAINTAINER).get_repo(hosted.downstream).get_pulls()
    assert json.loads(output)["pullRequest"] == opened.html_url
    assert (opened.title, opened.base.ref) == ("Sync 1.1.0", BRANCH)


def test_a_conflict_is_asked_on_the_forge_and_the_same_command_goes_on(hosted: Hosted) -> None:
    downstream = hosted.laptop.world.downstream
    downstream.commit(BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version")
    downstream.git("push", "-q", hosted.forge.push_url(hosted.downstream, MAINTAINER), BRANCH)

    code, output, errors = hosted.run("--format", "json")
    assert code == 3, errors
    asked = json.loads(output)["conflict"]
    repository = hosted.forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    (question,) = repository.get_pulls()
    url, branch = hosted.forge.push_url(hosted.downstream, MAINTAINER), question.head.ref
    downstream.git("fetch", "-q", url, f"+{branch}:{branch}")
    downstream.commit(branch, {"VERSION": "1.1.0-downstream\n"}, message="Resolve")
    downstream.git("push", "-q", url, branch)
    merge(repository, question.number)
    code, output, errors = hosted.run("--format", "json")

    assert (asked["files"], question.head.ref) == (["VERSION"], asked["branch"])
    assert code == 0, errors
    downstream.git("fetch", "-q", url, json.loads(output)["branch"])
    assert downstream.git("show", "FETCH_HEAD:VERSION") == "1.1.0-downstream"


def test_a_dry_run_works_where_every_write_is_refused(hosted: Hosted) -> None:
    before, branches = hosted.writes(), hosted.branches()

    refused, _output, _errors = hosted.run(login=OUTSIDER)
    code, _output, errors = hosted.run("--dry-run", login=OUTSIDER)

    assert refused == 1
    assert code == 0, errors
    assert "Sync 1.1.0" in errors
    assert (hosted.writes(), hosted.branches()) == (before, branches)
