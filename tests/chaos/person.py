"""The maintainer: resolves and merges the pull request of each conflict, in their own time.

They reach the forge by its own address. Where it is away they try again: what people do about a forge
that is down is no part of this.
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
                except AWAY:
                    self.tries["to be tried again"] += 1

    def _due_questions(self) -> list[tuple[Case, PullRequest]]:
        try:
            opened = self.world.pull_requests("open")
        except AWAY:
            self.tries["to be tried again"] += 1
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
        self.world.repository().get_pull(pull.number).merge(merge_method="merge")

    def _resolve(self, case: Case, pull: PullRequest) -> None:
        """Push the answer from a fresh clone; one that is there already changes nothing."""
        folder = self.world.folder / f"answer-{pull.number}-{self.tries['resolved']}"
        folder.mkdir()
        clone = Repository(folder)
        url = f"{self.world.forge.git_url}/{self.world.downstream_name}"
        token = self.world.forge.tokens[MAINTAINER]
        clone.git("init", "--quiet")
        clone.fetch(url, token, pull.head.ref)
        clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        if (folder / POLICY).read_text() != case.answer:
            clone.commit("Resolve the conflict", {POLICY: case.answer})
            clone.push(url, token, f"HEAD:refs/heads/{pull.head.ref}")
