"""The images that the cluster has: none can be pulled, all are made here.

`resync.local/pause:1`          keeps a pod's namespaces
`resync.local/argoexec:<v>`     Argo's executor, as published: no shell, no user of its own
`resync.local/step:1`           what a Plan names for its steps: sh, sed, git, make, Go
`resync.local/resync-argo:dev`  this project as it stands in the working tree
"""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.cluster.containerd import PAUSE_IMAGE
from tests.cluster.debian import USER, debian_layer
from tests.cluster.images import Image
from tests.cluster.layers import Layer, add_directory, add_file, add_tree, cached_layer
from tests.cluster.modules import go
from tests.cluster.project_layers import dependencies_layer, project_layer
from tests.cluster.toolchain import ARGO_MODULE, binary, version

STEP_IMAGE = "resync.local/step:1"
PROJECT_IMAGE = "resync.local/resync-argo:dev"

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_HOME = "HOME=/home/resync"
_STEP_PACKAGES = ("ca-certificates", "git", "make")
_PROJECT_PACKAGES = ("ca-certificates", "git", "openssh-client", "python3")
_GO_WITHOUT = {"api", "doc", "misc", "test"}


def executor_image_name() -> str:
    """The name of Argo's executor image, with Argo's version as its tag."""
    return f"resync.local/argoexec:{version(ARGO_MODULE)}"


def images() -> list[Image]:
    """All images, made as far as they are not in the cache."""
    return [_pause(), _executor(), _step(), project_image()]


def project_image() -> Image:
    """This project with its dependencies, run by a user without rights."""
    base = debian_layer("python", _PROJECT_PACKAGES)
    return Image(
        name=PROJECT_IMAGE,
        layers=(base, dependencies_layer(base), project_layer()),
        settings={
            "Entrypoint": ["resync-argo"],
            "Env": [_PATH, _HOME, "PYTHONUNBUFFERED=1"],
            "User": f"{USER}:0",
        },
    )


def step_layer() -> Layer:
    """What steps need at least: sh, sed, git, make."""
    return debian_layer("step", _STEP_PACKAGES)


def _pause() -> Image:
    busybox = Path(shutil.which("busybox") or "/bin/busybox")
    layer = _program_layer("pause", busybox, _add_nothing)
    command = ["/bin/busybox", "sleep", "2147483647"]
    return Image(name=PAUSE_IMAGE, layers=(layer,), settings={"Entrypoint": command})


def _executor() -> Image:
    def add_folders(archive: tarfile.TarFile) -> None:
        add_directory(archive, "etc")
        add_directory(archive, "tmp", mode=0o1777)

    layer = _program_layer("argoexec", binary("argoexec"), add_folders)
    settings = {"Entrypoint": ["argoexec"], "Env": ["PATH=/bin"]}
    return Image(name=executor_image_name(), layers=(layer,), settings=settings)


def _step() -> Image:
    return Image(
        name=STEP_IMAGE,
        layers=(step_layer(), _go_layer()),
        settings={
            "Cmd": ["sh"],
            "Env": [f"{_PATH}:/usr/local/go/bin", _HOME, "GOTOOLCHAIN=local"],
            "User": f"{USER}:0",
        },
    )


def _program_layer(name: str, program: Path, add_more: Callable[[tarfile.TarFile], None]) -> Layer:
    def make(path: Path) -> None:
        with tarfile.open(path, "w") as archive:
            add_directory(archive, "bin")
            add_file(archive, program, f"bin/{program.name}", mode=0o755)
            add_more(archive)

    stat = program.stat()
    return cached_layer(name, (str(program), stat.st_size, stat.st_mtime_ns), make)


def _add_nothing(_archive: tarfile.TarFile) -> None:
    """The program is all there is."""


def _go_layer() -> Layer:
    """The Go of this machine: Debian's is older and no smaller."""
    root = Path(go("env", "GOROOT"))

    def keep(path: Path) -> bool:
        return path.parts[0] not in _GO_WITHOUT and path.name != "testdata"

    def make(path: Path) -> None:
        print("making the Go layer …", flush=True)
        with tarfile.open(path, "w") as archive:
            add_directory(archive, "usr/local/go")
            add_tree(archive, root, "usr/local/go", keep=keep)

    return cached_layer("go", (go("env", "GOVERSION"), sorted(_GO_WITHOUT)), make)
