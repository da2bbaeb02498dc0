"""An open pull request's state relative to its base: the facts, their cost, and the message to people."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from resync_argo import budget
from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.forge.view import BaseView
from resync_argo.controller.sync.base_watch import BaseLook, Proposal
from resync_argo.forge.credentials import Credentials, Token
from resync_argo.forge.interface import NotModified, ObjectNotFound, PullRequest
from resync_argo.git import LOOK, Git
from resync_argo.settings import HostSettings
from tests.fakes import FakeForge, FakeForges
from tests.git.repositories import Repository

SYNC = "resync/z-1/1.0.0"
RECORD = "refs/resync-argo/z-1/1.0.0"
DOWNSTREAM, FORK = "forge.test/down/project", "forge.test/bot/project"
SECRET = ObjectKey("ns", "github")
KEY = ObjectKey("ns", "z-1.project-1.0.0")


class OneToken(Secrets):
    """Secrets that all hold the same token."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def credentials(self, key: ObjectKey) -> Credentials:  # noqa: ARG002 - as its base class has it
        return Token(value="token-of-a-test")

    def token_file(self, key: ObjectKey, name: str, token: str) -> Path:  # noqa: ARG002 - likewise
        file = self.folder / "token"
        file.write_text(token)
        return file


@dataclass
class Site:
    """A downstream with one of our open pull requests, perhaps from a fork."""

    folder: Path
    fork: str | None = None
    forges: FakeForges = field(default_factory=FakeForges)

    def __post_init__(self) -> None:
        secrets = OneToken(self.folder)
        hosts = {"forge.test": HostSettings(git_url=str(self.folder))}
        self.down = Repository(self.folder / "down/project")
        self.pushed = Repository(self.folder / "bot/project") if self.fork else self.down
        self.look_at = BaseLook(
            Forges(secrets, self.forges.connect),
            Remotes(secrets, hosts),
            Git(directory=self.folder),
        )
        self.base = self.down.commit("main", {"a": "1"})
        self.propose({"b": "1"})
        self.pull = self.forge.open(SYNC)
        self.proposal = Proposal(
            access=ForgeAccess(
                downstream=DOWNSTREAM,
                fork=self.fork,
                branch="main",
                secret=SECRET,
                fork_secret=SECRET,
            ),
            plan="z-1",
            line="1.0.0",
            number=self.pull.number,
            head="1" * 40,
        )

    @property
    def forge(self) -> FakeForge:
        return self.forges.at(DOWNSTREAM)

    def propose(self, files: dict[str, str]) -> str:
        """Push as an attempt does: the branch, and beside it the record of what was pushed."""
        commit = self.pushed.commit(SYNC, files)
        self.pushed.git("update-ref", RECORD, commit)
        return commit

    def says(self, *, merges: bool | None) -> None:
        """Set whether the forge says that the pull request merges."""
        self.forge.knows(self.pull.number, merges=merges)

    def look(self, **changes: object) -> BaseView:
        return self.look_at.look(KEY, replace(self.proposal, **changes))  # type: ignore[arg-type]  # a few fields

    def asked(self) -> list[str]:
        """Return the requests to the forges since the last call."""
        found = self.forges.requests()
        for forge in self.forges.made.values():
            forge.requests.clear()
        return found


@pytest.fixture(params=[None, FORK], ids=["one repository", "fork"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(tmp_path, request.param)


def test_an_open_pull_request_costs_one_conditional_request_a_look(site: Site) -> None:
    site.says(merges=True)

    seen = [site.look() for _ in range(3)]

    assert seen == [BaseView(tip=site.base, merges=True)] * 3
    assert site.asked() == ["get 1"] * 3


def test_each_look_has_its_full_time_however_long_the_controller_runs(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.says(merges=True)
    began, later = time.monotonic, Mock(wraps=time)
    later.monotonic = lambda: began() + LOOK.seconds + 1
    monkeypatch.setattr(budget, "time", later)

    assert site.look() == BaseView(tip=site.base, merges=True)


def test_an_answer_that_the_forge_lacks_is_unknown_until_it_has_one(site: Site) -> None:
    site.says(merges=None)
    before = site.look()
    site.says(merges=False)

    assert (before.merges, site.look().merges) == (None, False)


class Forgetful(FakeForge):
    """Answers 304 while the pull request itself is unchanged, although it no longer merges."""

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        shown = self.pulls[number]
        answer, _ = super().get_pull_request(number, etag=None if etag is None else repr(shown))
        return answer, "always the same"


def test_a_moved_base_causes_a_new_read_of_the_pull_request(tmp_path: Path) -> None:
    site = Site(tmp_path, forges=FakeForges(made={DOWNSTREAM: Forgetful()}))
    site.says(merges=True)
    site.look()
    site.says(merges=False)
    unseen = site.look()
    tip = site.down.commit("main", {"b": "2"})

    assert unseen.merges is True
    assert site.look() == BaseView(tip=tip, merges=False)


def test_the_missing_commits_are_read_once_for_each_pair_of_tips(site: Site) -> None:
    judge = site.forges.at(site.fork or DOWNSTREAM)
    judge.contained.add(site.base)
    before = [site.look(needs_all=True) for _ in range(2)]
    tip = site.down.commit("main", {"a": "2"})

    after = [site.look(needs_all=True) for _ in range(2)]

    assert [it.is_behind for it in (*before, *after)] == [False, False, True, True]
    questions = [f"contains {SYNC} {site.base}", f"contains {SYNC} {tip}"]
    assert [it for it in site.asked() if it.startswith("contains")] == questions
    assert not site.look().is_behind, "nobody asked"


def test_a_persons_commit_that_stops_us_is_reported_once(site: Site) -> None:
    site.says(merges=True)
    theirs = site.pushed.commit(SYNC, {"fix": "by hand"})
    fine = site.look()
    nothing_said = not site.forge.comments
    site.says(merges=False)
    stale, _ = site.look(), site.look()
    more = site.pushed.commit(SYNC, {"fix": "by hand again"})
    last = site.look()

    assert (fine.foreign, stale.foreign, last.foreign) == (theirs, theirs, more)
    assert nothing_said
    (comment,) = site.forge.comments[site.pull.number]
    assert theirs[:12] in comment.body
    assert "Merge `main` into it yourself" in comment.body


@pytest.mark.parametrize("changes", [{"asked": 4}, {"needs_all": True}], ids=["asked", "behind"])
def test_it_is_also_reported_after_a_request_or_a_move_of_the_branch(
    site: Site, changes: dict[str, object]
) -> None:
    site.says(merges=True)
    site.pushed.commit(SYNC, {"fix": "by hand"})

    site.look(**changes)

    assert len(site.forge.comments[site.pull.number]) == 1


def test_an_attempts_message_is_not_repeated(site: Site) -> None:
    site.says(merges=False)
    site.pushed.commit(SYNC, {"fix": "by hand"})
    site.forge.comment(site.pull.number, "Stopped.\n\n<!-- resync-argo foreign-commit abc -->")

    site.look()

    assert len(site.forge.comments[site.pull.number]) == 1


def test_our_later_push_is_not_taken_for_a_persons(site: Site) -> None:
    site.says(merges=False)
    site.propose({"b": "2"})

    assert site.look().foreign is None
    assert not site.forge.comments


def test_a_missing_base_is_named(site: Site) -> None:
    site.down.commit("other", {"a": "1"})
    site.down.git("symbolic-ref", "HEAD", "refs/heads/other")
    site.down.git("update-ref", "-d", "refs/heads/main")

    with pytest.raises(ObjectNotFound, match="has no branch main"):
        site.look()
