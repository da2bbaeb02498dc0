"""An image that a release publishes is in the registry under the digest that the provenance names."""

from pathlib import Path

import pytest

from tests.image.buildah import new_store
from tests.image.registry import digest_of, running_registry
from tests.release.image import publish_image
from tests.release.programs import ReleaseError
from tests.release.source import Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A commit whose Containerfile needs no base."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "Containerfile").write_text("FROM scratch\nCOPY file /file\n")
    (folder / "file").write_text("content")
    return Source(folder=folder, commit="c" * 40, epoch=1_700_000_000, version="1.0.0")


def builder(folder: Path) -> list[str]:
    """Return buildah, with an empty store in a folder."""
    store = new_store(folder).folder
    return ["buildah", "--root", f"{store}/images", "--runroot", f"{store}/run"]


def test_it_has_the_digest_that_is_told_and_the_same_in_two_builds(
    source: Source, tmp_path: Path
) -> None:
    digests = []
    for folder in ("one", "two"):
        with running_registry() as registry:
            digest = publish_image(
                source,
                f"{registry.name}/team/resync-argo:1.0.0",
                builder=builder(tmp_path / folder),
                push_flags=["--tls-verify=false"],
            )
        assert digest == digest_of(registry.manifests["team/resync-argo:1.0.0"])
        digests.append(digest)

    assert digests[0] == digests[1]


def test_an_image_that_nobody_takes_ends_the_release(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="connection refused"):
        publish_image(source, "127.0.0.1:1/resync-argo:1", builder=builder(tmp_path / "store"))
