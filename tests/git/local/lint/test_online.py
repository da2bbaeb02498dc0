"""`resync-argo lint --online` checks whether upstream has a tag in each range."""

import json
from pathlib import Path

from tests.git.builders import HOST
from tests.git.local_runs import MERGE, PULL_REQUEST, make_laptop


def test_only_a_range_without_a_tag_is_reported(tmp_path: Path) -> None:
    laptop = make_laptop(tmp_path)
    upstream = f"{HOST}/upstream/project"
    ranges = ["1.x", "9.x"]
    laptop.write_plan(MERGE, PULL_REQUEST, upstream={"name": upstream, "matchedVersions": ranges})

    offline = laptop.call("lint", laptop.plan)
    online = laptop.call("lint", "--online", laptop.plan)

    told = set(online.stdout.splitlines()) - set(offline.stdout.splitlines())
    assert [line for line in told if "is in `9.x` now" in line]
    assert not [line for line in told if "`1.x`" in line]
    assert online.returncode == 1


def test_hosts_are_reached_as_the_settings_say(tmp_path: Path) -> None:
    laptop = make_laptop(tmp_path)
    hosts = {"git.test": {"gitUrl": str(laptop.root / "repositories")}}
    laptop.variables["RESYNC_HOSTS"] = json.dumps(hosts)
    upstream = {"name": "git.test/upstream/project", "matchedVersions": ["1.x", "9.x"]}
    laptop.write_plan(MERGE, PULL_REQUEST, upstream=upstream)

    online = laptop.call("lint", "--online", laptop.plan)

    assert "no tag of git.test/upstream/project is in `9.x` now" in online.stdout
    assert "could not be asked" not in online.stdout


def test_an_unreachable_upstream_is_reported(tmp_path: Path) -> None:
    laptop = make_laptop(tmp_path)
    upstream = {"name": "absent.invalid/upstream/project", "matchedVersions": ["1.x"]}
    laptop.write_plan(MERGE, PULL_REQUEST, upstream=upstream)

    online = laptop.call("lint", "--online", laptop.plan)

    assert "its tags could not be asked for" in online.stdout
    assert online.returncode == 1
