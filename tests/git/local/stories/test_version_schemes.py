"""An upstream whose tags are not semantic versions is followed by the Plan's scheme, on a laptop as in a pod."""

from typing import Any

from tests.git.builders import HOST
from tests.git.local.preview.test_program import by_version, look
from tests.git.local_runs import MERGE, PLAN, PULL_REQUEST, Laptop

NAME = f"{HOST}/upstream/project"
TELL = {
    "run": 'echo "$PREVIOUS_VERSION < $UPSTREAM_VERSION" > told; git add told; git commit -m told'
}


def follow(laptop: Laptop, *matched: str, **upstream: Any) -> None:
    known = {"name": NAME, "matchedVersions": list(matched)}
    laptop.write_plan(MERGE, TELL, PULL_REQUEST, upstream=known | upstream)


def release(laptop: Laptop, tag: str) -> None:
    commit = laptop.world.upstream.commit("main", {"VERSION": f"{tag}\n"}, message=tag)
    laptop.world.upstream.tag(tag, commit)


def test_versions_of_two_parts_are_followed_in_their_order(laptop: Laptop) -> None:
    laptop.world.upstream.tag("23.10", "v1.0.0")  # the branch contains it
    for tag in ("24.04", "24.04.1", "24.10"):
        release(laptop, tag)
    follow(laptop, "24.x", "23.x", versioning="Loose")

    outlook = look(laptop)
    told = laptop.run_json("24.04")

    assert outlook["contained"] == "23.10"
    assert list(by_version(outlook)) == ["23.10", "24.04", "24.04.1", "24.10"]
    assert [it["standing"] for it in outlook["releases"]] == ["Contained", "Submit", "Wait", "Wait"]
    assert told["branch"] == f"resync/{PLAN}/24.04"
    assert laptop.world.downstream.show(told["branch"], "told") == "23.10 < 24.04"


def test_a_pattern_finds_versions_in_names_of_tags(laptop: Laptop) -> None:
    laptop.world.upstream.tag("REL_9_6", "v1.0.0")
    for tag in ("REL_16_9", "REL_16_10"):
        release(laptop, tag)
    follow(laptop, "*", versionPattern=r"REL_(?P<major>\d+)_(?P<minor>\d+)")

    outlook = look(laptop)
    by_name, by_number = laptop.run_json("REL_16_10"), laptop.run_json("16.9.0")

    assert list(by_version(outlook)) == ["9.6.0", "16.9.0", "16.10.0"]
    assert {it["reason"] for it in outlook["leftOut"]} == {"PatternNotMatched"}
    assert by_name["branch"] == f"resync/{PLAN}/16.10.0"
    downstream = laptop.world.downstream
    assert downstream.show(by_name["branch"], "told") == "9.6.0 < 16.10.0"
    assert downstream.show(by_number["branch"], "VERSION") == "REL_16_9"


def test_an_unknown_version_is_refused_in_a_sentence(laptop: Laptop) -> None:
    release(laptop, "24.04")

    refused = laptop.run("24.04")
    follow(laptop, "*", versionPattern="(?P<version>")
    unusable = laptop.run("24.04")

    assert refused.returncode == unusable.returncode == 2
    assert "`24.04` is not a version" in refused.stderr
    assert "`(?P<version>` in `config.upstream.versionPattern` cannot be used" in (
        unusable.stdout + unusable.stderr
    )
