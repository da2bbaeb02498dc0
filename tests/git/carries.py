"""A fork that carries patches, and rebases of it by `git carry`, round after round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resync_argo.attempt.carry.ledger import Ledger, load_ledger
from tests.git.builders import BRANCH, World, open_world
from tests.git.conflict_story import Story
from tests.git.local_runs import PULL_REQUEST, Laptop
from tests.git.repositories import Repository, git

CARRY = ("git carry",)
CARRY_STEP = {"name": "Carry", "run": "git carry"}
LINES = "".join(f"line {number}\n" for number in range(1, 31))


def changed(*numbers: int, by: str) -> str:
    """Return the common file with some lines changed."""
    lines = LINES.splitlines(keepends=True)
    for number in numbers:
        lines[number - 1] = f"line {number}, {by}\n"
    return "".join(lines)


@dataclass(kw_only=True)
class Fork:
    """An upstream and a downstream with one history, and attempts on them."""

    world: World
    story: Story = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no attempt."""
        self.story = Story(world=self.world, scripts=CARRY)

    @property
    def downstream(self) -> Repository:
        """Return the fork."""
        return self.world.downstream

    def carry(
        self,
        message: str,
        files: Mapping[str, str | None] | None = None,
        *,
        author: str = "ada@example.org",
        branch: str = BRANCH,
    ) -> str:
        """Commit to the fork; returns the commit."""
        made = self.downstream.commit(branch, files or {}, message=message)
        return self._by(made, author, branch)

    def _by(self, made: str, author: str, branch: str) -> str:
        if author == "ada@example.org":
            return made
        text = self.downstream.git("cat-file", "commit", made)
        text = text.replace("author Ada <ada@example.org>", f"author {author} <{author}>")
        argv = ("hash-object", "-t", "commit", "-w", "--stdin")
        commit = self.downstream.git(*argv, stdin=f"{text}\n".encode())
        self.downstream.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def merge(self, branch: str, message: str, into: str = BRANCH) -> str:
        """Merge a branch of the fork that changes other files than its base has changed; returns the commit."""
        git = self.downstream.git
        tree = git("merge-tree", "--write-tree", into, branch)
        commit = git("commit-tree", tree, "-p", into, "-p", branch, "-m", message)
        git("update-ref", f"refs/heads/{into}", commit)
        return commit

    def release(
        self, version: str, files: Mapping[str, str | None], message: str = "Upstream's work"
    ) -> str:
        """Commit to upstream and tag that; returns the commit."""
        commit = self.world.upstream.commit("main", files, message=message)
        self.world.upstream.tag(f"v{version}", commit)
        return commit

    def configure(self, **carries: object) -> None:
        """Set `config.carries`."""
        self.story.config = {**self.story.config, "carries": carries}

    def rebase(self, version: str = "1.1.0") -> Path:
        """Run an attempt that must go through, and merge its result; return the steps' clone."""
        self.story.parameters = {"tag": version}
        clone = self.story.finish()
        self.land(clone)
        return clone

    def land(self, clone: Path, branch: str = BRANCH) -> None:
        """Fast-forward the fork's branch to the commit that a run made."""
        old, new = self.downstream.tip(BRANCH), git(clone, "rev-parse", "HEAD")
        git(clone, "merge-base", "--is-ancestor", old or "", new)
        git(clone, "push", "-q", str(self.downstream.path), f"HEAD:refs/heads/{branch}")

    def ledger(self) -> Ledger:
        """Return the ledger of the last attempt."""
        found = load_ledger(self.story.attempts[-1].attempt)
        assert found is not None
        return found

    def refused(self, version: str = "1.1.0") -> str:
        """Run an attempt that must be refused; return the sentence in the step's log."""
        run = self.world.attempt(
            *self.story.scripts,
            version=version,
            number=100 + len(list(self.world.root.glob("attempt-*"))),
            config=self.story.config,
        )
        run.check_out()
        done = run.step()
        assert done.returncode == 10, (done.stdout + done.stderr).decode()
        result = run.refusal()
        assert result is not None
        assert result.reason == "UnclearCarry"
        return result.message


def laptop_for(fork: Fork, step: Mapping[str, str], **config: object) -> Laptop:
    """Return the machine of a person who looks at a fork, with a Plan of one step and a pull request."""
    laptop = Laptop(root=fork.world.root / "laptop", world=fork.world)
    laptop.temporary.mkdir(parents=True, exist_ok=True)
    laptop.write_plan(step, PULL_REQUEST, **config)
    return laptop


def subjects(clone: Path, span: str = "HEAD") -> list[str]:
    """Return the subjects of all commits but merges, oldest first, without upstream's and the branch's own."""
    log = ("log", "--reverse", "--topo-order", "--first-parent", "--no-merges", "--format=%s", span)
    return git(clone, *log).splitlines()


def picked(clone: Path) -> list[str]:
    """Return the subjects of the commits picked on top of the merge that recorded upstream."""
    return [line for line in subjects(clone, f"origin/{BRANCH}..HEAD") if line]


def make_fork(root: Path) -> Fork:
    """Return a fork of 1.0.0 without its own commits; there is no newer release."""
    upstream = Repository(root / "upstream" / "project")
    first = upstream.commit("main", {"f.txt": LINES, "g.txt": LINES}, message="Begin")
    upstream.tag("v1.0.0", first)
    downstream = Repository(root / "downstream" / "project")
    downstream.git("fetch", "--quiet", str(upstream.path), f"{first}:refs/heads/{BRANCH}")
    return Fork(world=open_world(root))
