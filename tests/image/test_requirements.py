"""The image's packages are those of pyproject.toml, each pinned by hash; nothing in it runs as root."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def requirements() -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes by the package's normalised name."""
    text = (ROOT / "manifests" / "image" / "requirements.txt").read_text()
    joined = re.sub(r"^ *#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    found = {}
    for line in joined.splitlines():
        name, version = re.match(r"([\w.-]+)==(\S+)", line).groups()  # type: ignore[union-attr]
        found[_normalised(name)] = (version, re.findall(r"--hash=(\S+)", line))
    return found


def test_the_images_packages_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        _normalised(name): version
        for name, version in (each.split("==") for each in project["dependencies"])
    }

    pinned = {name: version for name, (version, _) in requirements().items()}

    assert {name: pinned.get(name) for name in wanted} == wanted


def test_every_package_is_pinned_by_a_strong_hash() -> None:
    for name, (_, hashes) in requirements().items():
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), name


def test_the_image_takes_only_pinned_packages_and_a_user_without_rights() -> None:
    text = (ROOT / "Containerfile").read_text()

    assert "--require-hashes" in text
    assert "--no-deps" in text
    (user,) = re.findall(r"^USER (\d+):0$", text, re.M)
    assert int(user) > 0


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
