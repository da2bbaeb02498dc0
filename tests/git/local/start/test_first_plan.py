"""`resync-argo init` writes a Plan that passes `lint` and runs."""

from pathlib import Path

import pytest

from tests.git.builders import HOST
from tests.git.local_runs import BRANCH, Laptop


def init(laptop: Laptop, *words: str, code: int = 0) -> str:
    names = (f"{HOST}/upstream/project", f"https://{HOST}/downstream/project.git")
    done = laptop.call("init", *names, *words)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def written(laptop: Laptop) -> Path:
    laptop.plan.unlink()
    laptop.world.downstream.commit(BRANCH, {"go.mod": "module project\n"}, message="Go")
    told = init(laptop, "--branch", BRANCH)
    assert "resync-argo preview plan.yaml\n" in told
    return laptop.plan


def test_the_plan_passes_lint_and_preview(laptop: Laptop, written: Path) -> None:
    text = written.read_text()

    checked = laptop.call("lint", written)
    shown = laptop.call("preview", written)

    assert (checked.returncode, checked.stdout) == (0, "")
    assert text.startswith("# yaml-language-server: $schema=plan.schema.json\n")
    assert 'matchedVersions: ["1.x"]' in text
    assert "regenerate: GoModules" in text
    assert "golang" in text
    assert "1.1.0" in shown.stdout, shown.stderr


def test_it_overwrites_nothing_and_lists_the_existing_branches(laptop: Laptop) -> None:
    before = laptop.plan.read_text()

    assert "exists already" in init(laptop, "--branch", BRANCH, code=2)
    told = init(laptop, "--branch", "nosuch", "-o", "-", code=2)

    assert f"has no branch `nosuch`; it has `{BRANCH}`" in told
    assert laptop.plan.read_text() == before
