"""The layers with this project: its dependencies as wheels, and its package as it stands.

They go to Debian's own place for Python modules, so the program needs no `PYTHONPATH` and runs
isolated from the environment. The second layer is rebuilt whenever a file of the package
changes, in well under five seconds.
"""

import compileall
import hashlib
import py_compile
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.layers import Layer, add_tree, cached_layer

_ROOT = Path(__file__).parents[2]
_PACKAGE = _ROOT / "resync_argo"
_MODULES = "usr/lib/python3/dist-packages"
_LAUNCHER = """\
#!/usr/bin/python3 -I
from resync_argo.cli import main

main()
"""
_INTERPRETER = "./usr/bin/python3"


def dependencies_layer(base: Layer) -> Layer:
    """What pyproject.toml depends on, for the Python of the base layer.

    Raises:
        ClusterError: pip cannot bring the wheels.
    """
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    dependencies = sorted(project["dependencies"])

    def make(path: Path) -> None:
        print("making the dependencies layer …", flush=True)
        with _staging() as (root, modules):
            _install(modules, dependencies, _python_version(base))
            _compile(modules)
            _archive(root, path)

    return cached_layer("dependencies", (base.digest, dependencies, sys.version_info[:2]), make)


def project_layer() -> Layer:
    """The package of the working tree, with the program `resync-argo`."""
    files = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and _is_source(path))
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(_PACKAGE)}\0{len(content)}\0".encode() + content)

    def make(path: Path) -> None:
        with _staging() as (root, modules):
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(_PACKAGE, modules / _PACKAGE.name, ignore=ignore)
            _compile(modules)
            program = root / "usr/local/bin/resync-argo"
            program.parent.mkdir(parents=True)
            program.write_text(_LAUNCHER)
            program.chmod(0o755)
            _archive(root, path)

    return cached_layer("project", (digest.hexdigest(), _LAUNCHER, sys.version_info[:2]), make)


def _is_source(path: Path) -> bool:
    return "__pycache__" not in path.parts


@contextmanager
def _staging() -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory(prefix="resync-layer-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        modules = root / _MODULES
        modules.mkdir(parents=True)
        yield root, modules


def _install(modules: Path, dependencies: list[str], python_version: str) -> None:
    command: list[str | Path] = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"),
        *("--target", modules, "--python-version", python_version, "--only-binary=:all:"),
        *("--", *dependencies),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ClusterError(f"pip failed:\n{result.stderr.strip()[-2000:]}")


def _compile(modules: Path) -> None:
    """Compile ahead: the image's user may not write. By hash, so that times do not matter."""
    compileall.compile_dir(
        modules,
        quiet=2,
        stripdir=modules,
        prependdir=f"/{_MODULES}",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _archive(root: Path, path: Path) -> None:
    for entry in root.rglob("*"):
        entry.chmod(0o755 if entry.is_dir() or entry.stat().st_mode & 0o100 else 0o644)
    with tarfile.open(path, "w") as archive:
        add_tree(archive, root, ".")


def _python_version(base: Layer) -> str:
    with tarfile.open(base.path) as archive:
        return archive.getmember(_INTERPRETER).linkname.removeprefix("python")
