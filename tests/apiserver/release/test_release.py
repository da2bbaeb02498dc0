"""A whole release is reproducible from the commit alone, and verifiable as the documentation says."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.apiserver.release.conftest import Checkout, git, scripts, wanted
from tests.release.programs import ReleaseError
from tests.release.release import make_release

pytestmark = pytest.mark.apiserver


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def verify(folder: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """Run the documented commands, with the public key of a private one."""
    public = (key.parent / "release.pub").read_bytes()
    (folder / "release.pub").write_bytes(public)
    text = "\n".join(scripts("verify"))
    done = subprocess.run(
        ["sh", "-ec", text], cwd=folder, capture_output=True, text=True, check=False
    )
    (folder / "release.pub").unlink()
    return done


def test_two_builds_of_a_commit_give_the_same_bytes(
    release: Path, checkout: Checkout, tmp_path: Path
) -> None:
    again = checkout("elsewhere")
    for file in again.rglob("*"):
        if ".git" not in file.parts:
            os.utime(file, (1_000_000_000, 1_000_000_000))
    before = os.umask(0o077)
    try:
        said = list(make_release(again, tmp_path / "dist", wanted()))
    finally:
        os.umask(before)

    first, second = content(release), content(tmp_path / "dist")
    first.pop("SHA256SUMS.sig")
    assert first == second
    assert "nothing was signed: SIGNING_KEY is not given" in said


def test_uncommitted_changes_stop_it_and_keep_the_last_release(
    checkout: Checkout, tmp_path: Path
) -> None:
    folder = checkout("changed")
    (folder / "resync_argo" / "late.py").write_text("")
    (tmp_path / "install.yaml").write_text("the last one")

    with pytest.raises(ReleaseError, match=r"resync_argo/late\.py"):
        list(make_release(folder, tmp_path, wanted()))

    assert content(tmp_path) == {"install.yaml": b"the last one"}


def test_no_release_is_made_with_an_invalid_key(project: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("not a key")

    with pytest.raises(ReleaseError, match="openssl"):
        list(make_release(project, tmp_path / "dist", wanted(signing_key=key)))

    assert not (tmp_path / "dist").exists()


def test_an_image_that_cannot_be_signed_is_not_published(
    project: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "openssl").symlink_to(str(shutil.which("openssl")))
    (programs / "buildah").write_text("#!/bin/sh\ntouch called\n")
    (programs / "buildah").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ReleaseError, match="cosign, which is not here"):
        list(make_release(project, tmp_path / "dist", wanted(image="r/i:1", signing_key=key)))

    assert not (tmp_path / "called").exists()


def test_the_documented_commands_accept_it_and_show_its_commit(
    release: Path, key: Path, project: Path
) -> None:
    done = verify(release, key)

    assert done.returncode == 0, done.stderr
    assert git(project, "rev-parse", "HEAD") in done.stdout


@pytest.mark.parametrize("file", ["install.yaml", "provenance.intoto.json", "SHA256SUMS"])
def test_the_documented_commands_refuse_a_changed_file(release: Path, key: Path, file: str) -> None:
    before = (release / file).read_bytes()
    (release / file).write_bytes(before + b"\n")
    try:
        done = verify(release, key)
    finally:
        (release / file).write_bytes(before)

    assert done.returncode != 0


def test_the_documented_commands_refuse_another_key(release: Path, tmp_path: Path) -> None:
    for script in scripts("verify-key"):
        subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True)

    assert verify(release, tmp_path / "release.pem").returncode != 0


def test_the_wheel_has_all_that_the_command_line_needs(release: Path, tmp_path: Path) -> None:
    (wheel,) = release.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(tmp_path / "site")
    (tmp_path / "plan.yaml").write_text("apiVersion: resync.openshift.io/v1alpha1\nkind: Plan\n")

    done = subprocess.run(
        [sys.executable, "-c", "from resync_argo.cli import main; main()", "lint", "plan.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "`spec` must be given" in done.stdout, done.stderr
