"""The maintainer: resolves and merges the pull request of each conflict, in their own time.

They reach the forge by its own address. Where it is away they try again: what people do about a forge
that is down does not take part in this.
"""

import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import github
import requests
from github.PullRequest import PullRequest

from tests.chaos.site import Case
from tests.e2e.conflict import POLICY
from tests.forge.launcher import MAINTAINER
from tests.world.repositories import Repository
from tests.world.world import World

LOOK_SECONDS = 1.0
REFUSED = (405, 409, 422)
PATIENCE = 20
"""After so many refused merges they push again: a forge that was killed may have lost what a push set off."""
AWAY = (github.GithubException, requests.RequestException, subprocess.CalledProcessError)


@dataclass(kw_only=True)
class Person:
    """One maintainer for all branches.

    Attributes:
        due: Plan → seconds since `begun` before which they do not answer.
        tries: how often each thing that they do was tried.
    """

    world: World
    cases: tuple[Case, ...]
    due: dict[str, float]
    begun: float = field(default_factory=time.monotonic)
    hurries: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    tries: Counter[str] = field(default_factory=Counter)
    resolved: set[int] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)

    def start(self) -> threading.Thread:
        """Begin to look, until it is over."""
        thread = threading.Thread(target=self._live, name="person", daemon=True)
        thread.start()
        return thread

    def _live(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            for case, pull in self._due_questions():
                try:
                    self._answer(case, pull)
                except AWAY as error:
                    self.tries[f"to be tried again: {_kind_of(error)}"] += 1

    def _due_questions(self) -> list[tuple[Case, PullRequest]]:
        try:
            opened = self.world.pull_requests("open")
        except AWAY as error:
            self.tries[f"to be tried again: {_kind_of(error)}"] += 1
            return []
        due = [case for case in self.cases if self._is_due(case)]
        prefixes = [(case, case.question_prefix) for case in due]
        return [(c, pull) for pull in opened for c, it in prefixes if pull.head.ref.startswith(it)]

    def _is_due(self, case: Case) -> bool:
        return self.hurries.is_set() or time.monotonic() - self.begun > self.due[case.plan]

    def _answer(self, case: Case, pull: PullRequest) -> None:
        if pull.number not in self.resolved:
            self.tries["resolved"] += 1
            self._resolve(case, pull)
            self.resolved.add(pull.number)
        self.tries["merged"] += 1
        self.refused[pull.number] += 1
        if self.refused[pull.number] % PATIENCE == 0:
            self.tries["pushed again"] += 1
            self._push_again(pull)
        self.world.repository().get_pull(pull.number).merge(merge_method="merge")
        self.refused[pull.number] = 0

    def _resolve(self, case: Case, pull: PullRequest) -> None:
        """Push the answer from a fresh clone; one that is there already changes nothing."""
        clone = self._clone(pull)
        if (clone.path / POLICY).read_text() != case.answer:
            clone.commit("Resolve the conflict", {POLICY: case.answer})
            self._push(clone, pull)

    def _push_again(self, pull: PullRequest) -> None:
        clone = self._clone(pull)
        clone.git("commit", "--quiet", "--allow-empty", "--message", "Check this again")
        self._push(clone, pull)

    def _clone(self, pull: PullRequest) -> Repository:
        folder = self.world.folder / f"answer-{pull.number}-{sum(self.tries.values())}"
        folder.mkdir()
        clone = Repository(folder)
        clone.git("init", "--quiet")
        clone.fetch(self._url, self._token, pull.head.ref)
        clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        return clone

    def _push(self, clone: Repository, pull: PullRequest) -> None:
        clone.push(self._url, self._token, f"HEAD:refs/heads/{pull.head.ref}")

    @property
    def _url(self) -> str:
        return f"{self.world.forge.git_url}/{self.world.downstream_name}"

    @property
    def _token(self) -> str:
        return self.world.forge.tokens[MAINTAINER]


def _kind_of(error: Exception) -> str:
    """Return the forge's status, with its words where it refused, or the name of what went wrong."""
    if isinstance(error, github.GithubException):
        said = error.message if error.status in REFUSED else ""
        return f"{error.status} {said}".rstrip()
    return type(error).__name__
