"""Layers and images depend on what is in them and on nothing else."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.cluster.errors import ClusterError
from tests.cluster.images import Image, write_archive
from tests.cluster.layers import Layer, add_tree, cached_layer
from tests.cluster.toolchain import binary


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "program").write_text("#!/bin/sh\n")
    (folder / "link").symlink_to("bin/program")
    return folder


def layer_of(tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Layer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def make(path: Path) -> None:
        with tarfile.open(path, "w") as archive:
            add_tree(archive, tree, ".")

    return cached_layer("tree", [1], make)


def test_the_same_files_make_the_same_layer_whenever_they_were_written(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = layer_of(tree, tmp_path / "one", monkeypatch)
    (tree / "bin" / "program").touch()

    second = layer_of(tree, tmp_path / "two", monkeypatch)

    assert second.digest == first.digest


def test_an_archive_leaves_out_the_layers_that_the_receiver_has(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(tree, tmp_path, monkeypatch)
    image = Image(name="resync.local/test:1", layers=[layer])
    target = io.BytesIO()

    write_archive(target, image, without={layer.digest})

    target.seek(0)
    with tarfile.open(fileobj=target) as archive:
        names = archive.getnames()
    assert f"blobs/{image.digest.replace(':', '/')}" in names
    assert f"blobs/{layer.digest.replace(':', '/')}" not in names


def test_a_program_that_no_module_has_is_an_error_that_names_it() -> None:
    with pytest.raises(ClusterError, match="no module under tools/ has a program 'kubeadm'"):
        binary("kubeadm")


def test_of_the_layers_with_one_name_those_used_last_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def layer(name: str, number: int, used_at: float) -> Path:
        made = cached_layer(name, [number], Path.touch).path
        os.utime(made.with_suffix(".digest"), (used_at, used_at))
        return made

    other = layer("project-of-another-name", 0, 1.0)
    layers = [layer("project", number, float(number + 2)) for number in range(6)]
    again = layer("project", 2, 100.0)

    assert again == layers[2]
    kept = sorted(path for path in other.parent.iterdir() if path.suffix == ".tar")
    assert kept == sorted([other, *layers[2:]])
