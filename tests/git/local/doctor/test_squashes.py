"""With several releases and squashes, the commit that brought in each release is found."""

from resync_argo.git import Git
from resync_argo.local.doctor.squashes import find_squashes
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.versions import Version
from tests.git.builders import BRANCH, World

FILES = ("a", "b", "c", "commit d", "e")


def release(world: World, version: str, *names: str) -> Release:
    """Let upstream change files and release that; the branch can fetch it."""
    commit = world.upstream.commit("main", {name: f"{name} {version}\n" for name in names})
    world.upstream.tag(f"v{version}", commit)
    world.downstream.git(
        "fetch", "-q", str(world.upstream.path), f"{commit}:refs/releases/{commit}"
    )
    return Release(version=Version.parse(version), tag=GitTag(name=f"v{version}", commit=commit))


def squash(world: World, it: Release) -> str:
    """Take over all files of a release but one, which a carried patch changes."""
    names = world.upstream.git("ls-tree", "--name-only", "-r", it.tag.commit).splitlines()
    files = {name: world.upstream.git("show", f"{it.tag.commit}:{name}") + "\n" for name in names}
    return world.downstream.commit(
        BRANCH, {**files, "a": "carried\n"}, message=f"Sync {it.version}"
    )


def found(world: World, *releases: Release) -> list[tuple[str, str]]:
    git = Git(directory=world.downstream.path)
    squashes = find_squashes(git, world.downstream.tip(BRANCH) or "", releases)
    return [(str(it.release.version), it.commit) for it in squashes]


def test_each_squash_is_of_the_most_similar_release(world: World) -> None:
    first = release(world, "1.2.0", *FILES)
    one = squash(world, first)
    patch = release(world, "1.2.1", "e")
    second = release(world, "1.3.0", *FILES, "f")
    world.downstream.commit(BRANCH, {"ours.txt": "more\n"}, message="Carry more")
    other = squash(world, second)
    later = release(world, "1.4.0", "b", "c", "e", "f")

    assert found(world, first, patch, second, later) == [("1.2.0", one), ("1.3.0", other)]


def test_a_carried_patch_that_resembles_a_release_a_little_does_not_count(world: World) -> None:
    first = release(world, "1.2.0", *FILES)
    world.downstream.commit(BRANCH, {"b": "b 1.2.0\n"}, message="Backport")

    assert found(world, first) == []


def test_of_two_releases_that_differ_only_in_a_carried_file_the_older_counts(world: World) -> None:
    first = release(world, "1.2.0", *FILES)
    one = squash(world, first)
    later = release(world, "1.2.1", "a")

    assert found(world, first, later) == [("1.2.0", one)]
