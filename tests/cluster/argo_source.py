"""Argo Workflows' source made complete, so that it builds from its Go module.

The module lacks what a module cannot hold or does not: a symlink in the executor (module zips
carry none) and the web UI, which is built with Node.js and embedded. Files of the module cache may
not be overlaid by `go build -overlay`, so the source is copied and `replace`d. The Argo server
built here serves the API alone.
"""

import shutil
from pathlib import Path

from tests.cluster.modules import GoModule, go

_NO_UI = (
    "<!doctype html><title>Argo</title><p>This build of the Argo server has the API, but no web UI."
)


def prepare(directory: Path, *, module: GoModule, path: str) -> None:
    """Make `directory` a main module in which Argo's packages build.

    Args:
        directory: an empty folder.
        module: the module under `tools/` that requires Argo.
        path: Argo's own module path.
    """
    shutil.copyfile(module.go_mod, directory / "go.mod")
    shutil.copyfile(module.go_sum, directory / "go.sum")
    source = directory / "source"
    shutil.copytree(module.source(path), source, copy_function=shutil.copyfile)
    for folder in (source, *(entry for entry in source.rglob("*") if entry.is_dir())):
        folder.chmod(0o755)
    page = source / "ui" / "dist" / "app" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_NO_UI)
    signals = source / "workflow" / "executor" / "osspecific"
    shutil.copyfile(signals / "signal_darwin.go", signals / "signal_linux.go")
    go("mod", "edit", "-replace", f"{path}=./source", directory=directory)
