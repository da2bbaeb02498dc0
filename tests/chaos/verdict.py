"""What is wrong when all has come to rest, sentence by sentence; nothing is, if all went well."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from github.PullRequest import PullRequest

from resync_argo.reasons.sync import PULL_REQUEST_OPEN
from tests.chaos.recorder import Recorder
from tests.chaos.site import GENERATED, Case
from tests.e2e.conflict import POLICY, VERSION
from tests.world.world import World

RESTED = ("Finished", PULL_REQUEST_OPEN)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Looks at the world once it rests.

    Attributes:
        crashes: how often the controller was killed: a message may be doubled where that happened between
            posting it and noting that it was posted, and at no other time.
    """

    world: World
    cases: tuple[Case, ...]
    recorder: Recorder
    crashes: int

    def wrong(self) -> list[str]:
        """Return all that is wrong."""
        pulls = self.world.pull_requests()
        self._fetch()
        return [
            *self._of_syncs(),
            *(it for case in self.cases for it in self._of_pull_requests(case, pulls)),
            *self._unknown(pulls),
            *(it for case in self.cases for it in self._of_branch(case)),
            *self._of_comments(pulls),
            *self._of_people(),
            *(f"{name} is still there and has not ended" for name in self.recorder.active()),
            *self._of_log(),
            *self._of_messages(),
        ]

    def unrested(self) -> list[str]:
        """Return the syncs that have not come to their end, with where they stand."""
        statuses = {it["spec"]["plan"]: it.get("status", {}) for it in self.recorder.syncs.values()}
        stands = {case.plan: statuses.get(case.plan, {}) for case in self.cases}
        return [
            f"{plan} is {found.get('phase')} ({found.get('reason')}): {found.get('message')}"
            for plan, found in stands.items()
            if (found.get("phase"), found.get("reason")) != RESTED
        ]

    def under_way(self) -> bool:
        """Return whether any sync may still come to its end by itself."""
        statuses = [it.get("status", {}) for it in self.recorder.syncs.values()]
        waits = sum(
            found.get("phase") not in ("Finished", "Failed", "Skipped") for found in statuses
        )
        return waits > 0 or len(statuses) < len(self.cases)

    def doubled_messages(self) -> int:
        """Return how many messages were posted that had been posted before."""
        posted = Counter(
            (message.channel, message.thread, message.text, json.dumps(message.blocks))
            for message in self.world.slack.workspace.messages
        )
        return sum(posted.values()) - len(posted)

    def _fetch(self) -> None:
        self.world.fetch_downstream("+refs/heads/*:refs/forge/*")

    def _of_syncs(self) -> Iterator[str]:
        yield from self.unrested()
        if len(self.recorder.present & set(self.recorder.syncs)) != len(self.cases):
            yield f"there are {sorted(self.recorder.syncs)} for {len(self.cases)} Plans"

    def _of_pull_requests(self, case: Case, pulls: list[PullRequest]) -> Iterator[str]:
        final = [it for it in pulls if it.head.ref == case.final_branch]
        if [(it.state, it.base.ref) for it in final] != [("open", case.branch)]:
            yield f"{case.plan}: its pull requests are {[(it.number, it.state) for it in final]}"
        asked = [it for it in pulls if it.head.ref.startswith(case.question_prefix)]
        if [it.merged for it in asked] != [True]:
            yield f"{case.plan}: its questions are {[(it.number, it.state) for it in asked]}"

    def _unknown(self, pulls: list[PullRequest]) -> Iterator[str]:
        ours = tuple(f"resync/{case.plan}/" for case in self.cases)
        yield from (
            f"#{it.number} is of {it.head.ref}" for it in pulls if not it.head.ref.startswith(ours)
        )
        found = set(
            self._git(
                "for-each-ref", "--format=%(refname:lstrip=2)", "refs/forge/resync"
            ).splitlines()
        )
        known = {
            side.ref for it in pulls for side in (it.head, it.base) if side.ref.startswith(ours)
        }
        yield from (f"the branch {name} belongs to nothing" for name in sorted(found - known))

    def _of_branch(self, case: Case) -> Iterator[str]:
        final, base, release = (
            f"refs/forge/{case.final_branch}",
            case.branch,
            f"v{VERSION}^{{commit}}",
        )
        if not self._git("for-each-ref", final):
            yield f"{case.plan}: its branch is not there"
            return
        merges = self._git("rev-list", "--parents", "--merges", f"{base}..{final}").split()
        parents = {self._git("rev-parse", base), self._release(release)}
        if len(merges) != 3 or set(merges[1:]) != parents:
            yield f"{case.plan}: the merge and its parents are {merges}, not {sorted(parents)}"
        for path, content in ((POLICY, case.answer), (GENERATED, f"generated for {VERSION}\n")):
            if self._git("rev-parse", f"{final}:{path}") != _blob(content):
                yield f"{case.plan}: {path} is {self._git('show', f'{final}:{path}')!r}"
        if "<<<<<<<" in self._git("log", "-p", f"{base}..{final}"):
            yield f"{case.plan}: a marker is in its history"
        own = self._git("rev-list", "--first-parent", "--count", f"{base}..{final}")
        if own != "2":
            yield f"{case.plan}: its branch has {own} commits of its own, not the merge and make update"

    def _of_comments(self, pulls: list[PullRequest]) -> Iterator[str]:
        for pull in pulls:
            said = Counter(comment.body for comment in pull.get_issue_comments())
            yield from (
                f"#{pull.number} says {n} times: {body}" for body, n in said.items() if n > 1
            )

    def _of_people(self) -> Iterator[str]:
        """Tell where a person would have been needed."""
        failed = (it for it in self.recorder.seen if it.phase in ("Failed", "Skipped"))
        yield from (
            f"{it.plan} was {it.phase} at {it.at}: {it.reason}: {it.message}" for it in failed
        )
        for event in self.recorder.events.values():
            if event.get("reason") in ("SyncFailed", "SyncSkipped"):
                yield f"Event {event['reason']} of {event['regarding']['name']}: {event.get('note')}"

    def _of_log(self) -> Iterator[str]:
        lines = self.world.controller.log.read_text(errors="replace").splitlines()
        yield from (f"the controller's log: {line[:3000]}" for line in lines if "Traceback" in line)

    def _of_messages(self) -> Iterator[str]:
        doubled = self.doubled_messages()
        if doubled > self.crashes:
            yield f"{doubled} Slack messages were posted twice, with {self.crashes} crashes"

    def _release(self, name: str) -> str:
        return self.world.upstream.git("rev-parse", name)

    def _git(self, *argv: str) -> str:
        return self.world.downstream.git(*argv)


def _blob(content: str) -> str:
    """Return git's id of a file's content."""
    raw = content.encode()
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()  # noqa: S324 - git's own id
