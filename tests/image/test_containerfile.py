"""The Containerfile as it is built: twice to the same bytes, small, for any user, with nothing written below /."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.buildah import Store, bytes_in, copy_context, new_store, run_read_only

TAGS = ("localhost/resync-argo:one", "localhost/resync-argo:two")
ANY_USER = 1_000_650_000  # OpenShift gives such ids


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with the Containerfile built twice."""
    folder = tmp_path_factory.mktemp("image")
    store = new_store(folder / "store")
    store.make_base()
    context = copy_context(folder / "context")
    for tag in TAGS:
        store.build(context, tag)
    yield store
    store.close()


@pytest.fixture(scope="module")
def files(store: Store) -> Iterator[Path]:
    """The image's files."""
    with store.mounted(TAGS[0]) as folder:
        yield folder


def test_two_builds_give_the_same_layers(store: Store) -> None:
    one, two = (store.inspect(tag)["rootfs"]["diff_ids"] for tag in TAGS)

    assert one == two


def test_it_runs_the_program_as_a_user_without_rights(store: Store) -> None:
    config = store.inspect(TAGS[0])["config"]

    assert config["Entrypoint"] == ["resync-argo"]
    assert config["User"] == "10001:0"


@pytest.mark.parametrize("user", [10001, ANY_USER])
def test_any_user_runs_all_of_it_in_a_root_that_nobody_writes_to(files: Path, user: int) -> None:
    load_all = (
        "import importlib, pkgutil, resync_argo as all;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(all.__path__, 'resync_argo.')]"
    )

    version = run_read_only(files, user, "resync-argo", "--version")
    loaded = run_read_only(files, user, "/opt/resync-argo/bin/python", "-I", "-c", load_all)
    git = run_read_only(files, user, "git", "--version")
    write = run_read_only(files, user, "touch", "/home/resync/file")

    assert version.stdout.startswith("resync-argo, version "), version.stderr
    assert loaded.returncode == 0, loaded.stderr
    assert git.stdout.startswith("git version 2."), git.stderr
    assert "Read-only file system" in write.stderr


def test_what_we_add_is_small(files: Path) -> None:
    assert bytes_in(files / "opt" / "resync-argo") < 250 * 1024 * 1024


def test_no_file_of_ours_belongs_to_or_can_be_written_by_its_user(files: Path) -> None:
    for path in (files / "opt" / "resync-argo").rglob("*"):
        stat = path.lstat()
        assert stat.st_uid == 0, path
        assert path.is_symlink() or not stat.st_mode & 0o022, path
