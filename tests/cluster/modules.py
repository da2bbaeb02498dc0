"""The Go modules under `tools/`: where they are, what they require, where their source lies."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.errors import ClusterError

TOOLS = Path(__file__).parent / "tools"


@dataclass(frozen=True)
class GoModule:
    """One folder under `tools/`."""

    name: str

    @property
    def go_mod(self) -> Path:
        """What is required."""
        return TOOLS / self.name / "go.mod"

    @property
    def go_sum(self) -> Path:
        """The checksums of all that is used."""
        return TOOLS / self.name / "go.sum"

    def required(self, prefix: str) -> str:
        """The path of the required module that starts with `prefix`.

        Raises:
            ClusterError: none does.
        """
        pattern = rf"^(?:require )?\s*({re.escape(prefix)}\S*) v"
        match = re.search(pattern, self._text(), re.MULTILINE)
        if match is None:
            raise ClusterError(f"{self.name}/go.mod requires no module {prefix}…")
        return match[1]

    def version(self, path: str) -> str:
        """The version at which a module is required."""
        match = re.search(rf"^(?:require )?\s*{re.escape(path)} (v\S+)", self._text(), re.MULTILINE)
        if match is None:
            raise ClusterError(f"{self.name}/go.mod does not require {path}")
        return match[1]

    def source(self, path: str) -> Path:
        """The folder of a required module's source, downloaded if need be. It is read-only."""
        command = ("mod", "download", "-json", "--", f"{path}@{self.version(path)}")
        return Path(json.loads(go(*command, directory=self.go_mod.parent))["Dir"])

    def _text(self) -> str:
        if not self.go_mod.exists():
            raise ClusterError(f"there is no module {self.name!r} under {TOOLS.name}/")
        return self.go_mod.read_text()


def go(*arguments: str | Path, directory: Path = TOOLS) -> str:
    """Run the go command and return what it prints.

    Raises:
        ClusterError: there is no Go, or the command failed.
    """
    if shutil.which("go") is None:
        raise ClusterError("the go command is missing: install Go 1.26 or newer")
    result = subprocess.run(
        ["go", *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise ClusterError(f"go {arguments[0]} failed:\n{result.stderr.strip()[-2000:]}")
    return result.stdout.strip()
