"""A Go module proxy in a folder, for tests of `go` without a network (go.dev/ref/mod, "GOPROXY protocol")."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

Versions = Mapping[str, Mapping[str, str]]
"""By version, what a module requires of others, by path; what is `// indirect` its package does not import."""


def make_proxy(folder: Path, modules: Mapping[str, Versions]) -> dict[str, str]:
    """Write modules; return the variables with which `go` uses these and no others.

    The package of each module imports those of the modules that it requires.
    """
    for path, versions in modules.items():
        there = folder / "proxy" / path / "@v"
        there.mkdir(parents=True)
        (there / "list").write_text("".join(f"{version}\n" for version in versions))
        for version, required in versions.items():
            _write(there, path, version, required)
    return {
        "GOPROXY": f"file://{folder / 'proxy'}",
        "GOSUMDB": "off",
        # Otherwise nobody could delete the cache.
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOMODCACHE": str(folder / "modules"),
        "GOCACHE": str(folder / "built"),
    }


def add_toolchain(folder: Path, version: str) -> None:
    """Add another Go, `1.24.13`, to a proxy of `make_proxy`; it is downloaded once for each user."""
    environment = os.environ | {"GOTOOLCHAIN": f"go{version}", "GOWORK": "off"}
    argv = ["go", "env", "GOMODCACHE", "GOHOSTOS", "GOHOSTARCH"]
    said = subprocess.run(
        argv, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    cache, system, processor = said.stdout.splitlines()
    name = f"v0.0.1-go{version}.{system}-{processor}"
    there = folder / "proxy" / "golang.org" / "toolchain" / "@v"
    there.mkdir(parents=True)
    (there / "list").write_text(f"{name}\n")
    listed = folder / "modules" / "cache" / "download" / "golang.org" / "toolchain" / "@v"
    listed.mkdir(parents=True)
    kept = Path(cache) / listed.relative_to(folder / "modules") / f"{name}.ziphash"
    shutil.copy(kept, listed)
    unpacked = folder / "modules" / "golang.org" / f"toolchain@{name}"
    unpacked.parent.mkdir()
    unpacked.symlink_to(Path(cache) / "golang.org" / unpacked.name)


def _write(there: Path, path: str, version: str, required: Mapping[str, str]) -> None:
    manifest = f"module {path}\n\ngo 1.17\n" + "".join(
        f"\nrequire {name} {it}\n" for name, it in required.items()
    )
    (there / f"{version}.info").write_text(json.dumps({"Version": version}))
    (there / f"{version}.mod").write_text(manifest)
    with zipfile.ZipFile(there / f"{version}.zip", "w") as archive:
        archive.writestr(f"{path}@{version}/go.mod", manifest)
        imported = [name for name, it in required.items() if "//" not in it]
        archive.writestr(f"{path}@{version}/code.go", code(path.rpartition("/")[2], *imported))


def code(package: str, *imported: str) -> str:
    """Return a Go file that imports packages."""
    return f"package {package}\n\n" + "".join(f'import _ "{it}"\n' for it in imported)
