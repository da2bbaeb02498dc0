"""`resync-argo run --steps-in podman`, with a real podman: steps have only their image and the clone."""

from pathlib import Path

import pytest

from tests.git.local_runs import BRANCH, MERGE, PLAN, PULL_REQUEST, Laptop, make_laptop
from tests.git.podman import IMAGE, make_engine

pytestmark = pytest.mark.debian


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make_engine(tmp_path_factory.mktemp("podman") / "engine")


@pytest.fixture
def laptop(tmp_path: Path, engine: dict[str, str]) -> Laptop:
    made = make_laptop(tmp_path)
    made.variables |= engine
    return made


def test_a_step_sees_only_its_image_and_the_clone(laptop: Laptop) -> None:
    look = (
        f"ls /home/resync && ! ls {laptop.plan} && git status --short && : > made && git add made"
    )
    laptop.write_plan(
        MERGE, {"run": f"{look} && git commit -m 'Make a file'"}, PULL_REQUEST, image=IMAGE
    )

    done = laptop.run("1.1.0", "--steps-in", "podman")

    assert done.returncode == 0, done.stderr
    assert "title: Sync 1.1.0" in laptop.pull_request(1)
    assert laptop.world.downstream.show(f"refs/heads/resync/{PLAN}/1.1.0", "made") == ""
    assert laptop.left_behind() == []


def test_a_failing_step_and_its_exit_code_are_reported(laptop: Laptop) -> None:
    laptop.write_plan({"name": "Generate", "run": "echo no such tool >&2; exit 7"}, image=IMAGE)

    done = laptop.run("1.1.0", "--steps-in", "podman")

    assert done.returncode == 1
    assert "no such tool" in done.stderr
    assert "exit code 7: no such tool" in done.stdout


def test_a_conflict_in_a_container_waits_for_its_resolution_and_goes_on(laptop: Laptop) -> None:
    downstream = laptop.world.downstream
    downstream.commit(BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version")
    laptop.write_plan(MERGE, PULL_REQUEST, image=IMAGE)

    asked = laptop.run_json("1.1.0", "--steps-in", "podman")
    laptop.resolve(asked["conflict"], {"VERSION": "1.1.0-downstream\n"})
    done = laptop.run_json("1.1.0", "--steps-in", "podman")

    assert (asked["outcome"], done["outcome"]) == ("Conflict", "Synced")
    assert asked["conflict"]["files"] == ["VERSION"]
    assert downstream.show(f"refs/heads/{done['branch']}", "VERSION") == "1.1.0-downstream"
