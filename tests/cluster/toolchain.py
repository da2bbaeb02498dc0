"""The programs that a cluster and a forge consist of, built from Go modules, once per user.

In: the modules under `tools/` (go.mod and go.sum say exactly what is built). Out: paths of
programs and folders in `${XDG_CACHE_HOME:-~/.cache}/resync-argo/tools/<module>-<key>/`; the key is
made of go.mod, go.sum, source of our own, the build flags and Go's version. Only what is asked for is built.
Called by every tier of tests that needs a program: `binary("etcd")`.
"""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import argo_source
from tests.cluster.errors import ClusterError
from tests.cluster.modules import TOOLS, GoModule, go

ARGO_MODULE = os.environ.get("RESYNC_ARGO_MODULE", "argo")
"""The folder under `tools/` that says which version of Argo Workflows is built."""

_KUBERNETES_VERSION = (
    "-X k8s.io/component-base/version.gitVersion={version}"
    " -X k8s.io/component-base/version.gitMajor={major}"
    " -X k8s.io/component-base/version.gitMinor={minor}"
    " -X k8s.io/client-go/pkg/version.gitVersion={version}"
)
_KUBERNETES_PROGRAMS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
)


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A Go module, the programs that are built of it and the folders that are kept of its source.

    Attributes:
        module: the folder under `tools/`.
        path: the Go module that holds the programs, or that a program of our own is about.
        programs: name of a program -> its package, below `path`.
        link_flags: for `go build -ldflags`; `{version}`, `{major}`, `{minor}` and `{path}` are known.
        build_flags: further flags of `go build`.
        cgo: whether C code is needed.
        folders: folders of the module that the programs need beside them.
        own: the one program is written in the folder itself, beside go.mod.
    """

    module: str
    path: str
    programs: dict[str, str]
    link_flags: str = ""
    build_flags: tuple[str, ...] = ()
    cgo: bool = False
    folders: tuple[str, ...] = field(default=())
    own: bool = False

    def package(self, program: str) -> str:
        """Return what `go build` is asked for."""
        return "." if self.own else f"{self.path}{self.programs[program]}"


def _tools() -> tuple[Tool, ...]:
    argo = GoModule(ARGO_MODULE).required("github.com/argoproj/argo-workflows/")
    return (
        Tool(module="etcd", path="go.etcd.io/etcd/server/v3", programs={"etcd": ""}),
        Tool(
            module="kubernetes",
            path="k8s.io/kubernetes",
            programs={name: f"/cmd/{name}" for name in _KUBERNETES_PROGRAMS},
            link_flags=_KUBERNETES_VERSION,
        ),
        Tool(
            module=ARGO_MODULE,
            path=argo,
            programs={name: f"/cmd/{name}" for name in ("argo", "argoexec", "workflow-controller")},
            link_flags="-X {path}.version={version} -X {path}.gitTreeState=clean -X {path}.gitTag={version}",
            folders=("manifests/base/crds/full",),
        ),
        Tool(
            module="gitea",
            path="code.gitea.io/gitea",
            programs={"gitea": ""},
            link_flags="-X main.Version={bare}",
            build_flags=("-tags", "sqlite sqlite_unlock_notify"),
            cgo=True,
            folders=("templates", "options", "public"),
        ),
        Tool(
            module="actionlint",
            path="github.com/rhysd/actionlint",
            programs={"actionlint": "/cmd/actionlint"},
        ),
        Tool(module="kstatus", path="sigs.k8s.io/cli-utils", programs={"kstatus": ""}, own=True),
    )


def binary(name: str) -> Path:
    """The path of a program, built first if it is missing.

    Raises:
        ClusterError: no tool has a program of that name, or it does not build.
    """
    tool = next((tool for tool in _tools() if name in tool.programs), None)
    if tool is None:
        raise ClusterError(f"no module under {TOOLS.name}/ has a program {name!r}")
    program = _entry(tool) / name
    if not program.exists():
        _build(tool, [name])
    return program


def folder(module: str, name: str) -> Path:
    """A folder of a module's source that its programs need, such as gitea's `templates`.

    Raises:
        ClusterError: the module keeps no such folder.
    """
    tool = next((tool for tool in _tools() if tool.module == module and name in tool.folders), None)
    if tool is None:
        raise ClusterError(f"module {module!r} keeps no folder {name!r}")
    path = _entry(tool) / "source" / name
    if not path.exists():
        with _locked(_entry(tool)):
            _keep_folder(tool, name, path)
    return path


def version(module: str) -> str:
    """The version of a tool, as its go.mod requires it: `v4.0.2`."""
    tool = next(tool for tool in _tools() if tool.module == module)
    return GoModule(module).version(tool.path)


def cache_directory() -> Path:
    """Where what was built is kept, for this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "resync-argo"


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold a folder of the cache, so that two commands at once build a thing once."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(tool: Tool, names: Sequence[str]) -> None:
    entry = _entry(tool)
    with _locked(entry):
        missing = [name for name in names if not (entry / name).exists()]
        if missing:
            with _source(tool, missing) as (directory, wanted):
                for name in wanted:
                    _build_program(tool, name, directory=directory, entry=entry)


@contextmanager
def _source(tool: Tool, missing: list[str]) -> Iterator[tuple[Path, list[str]]]:
    """The folder to build in, and what to build there."""
    if tool.module != ARGO_MODULE:
        yield TOOLS / tool.module, missing
        return
    # Making Argo's source complete takes longer than building one program more.
    with tempfile.TemporaryDirectory(prefix="resync-argo-") as scratch:
        argo_source.prepare(Path(scratch), module=GoModule(tool.module), path=tool.path)
        yield Path(scratch), sorted(tool.programs)


def _build_program(tool: Tool, name: str, *, directory: Path, entry: Path) -> None:
    began = time.monotonic()
    print(f"building {name} {version(tool.module)} …", flush=True)
    unfinished = entry / f".{name}.unfinished"
    result = subprocess.run(
        [*_build_command(tool), "-o", unfinished, "--", tool.package(name)],
        cwd=directory,
        env=_build_environment(tool),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        log = entry / f"{name}.log"
        log.write_text(result.stderr)
        raise ClusterError(
            f"{name} does not build; {log} says why, and ends with:\n{result.stderr.strip()[-3000:]}"
        )
    unfinished.rename(entry / name)
    print(f"built {name} in {time.monotonic() - began:.0f} s", flush=True)


def _build_command(tool: Tool) -> list[str]:
    release = GoModule(tool.module).version(tool.path)
    bare = release.removeprefix("v")
    major, minor = bare.split(".")[:2]
    flags = tool.link_flags.format(
        version=release, bare=bare, major=major, minor=minor, path=tool.path
    )
    link = f"-s -w {flags}".strip()
    return ["go", "build", "-buildvcs=false", "-trimpath", *tool.build_flags, "-ldflags", link]


def _build_environment(tool: Tool) -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "1" if tool.cgo else "0", "GOFLAGS": ""}


@functools.cache
def _go_version() -> str:
    return go("env", "GOVERSION")


def _entry(tool: Tool) -> Path:
    module = GoModule(tool.module)
    inputs = [module.go_mod.read_bytes(), module.go_sum.read_bytes()]
    inputs += [file.read_bytes() for file in sorted(module.go_mod.parent.glob("*.go"))]
    inputs += [repr((_build_command(tool), tool.cgo, _go_version())).encode()]
    key = hashlib.sha256(b"\0".join(inputs)).hexdigest()[:16]
    return cache_directory() / "tools" / f"{tool.module}-{key}"


def _keep_folder(tool: Tool, name: str, path: Path) -> None:
    if path.exists():
        return
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    source = GoModule(tool.module).source(tool.path) / name
    shutil.copytree(source, unfinished, copy_function=shutil.copyfile)
    unfinished.rename(path)
