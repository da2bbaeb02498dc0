"""Chromium as Debian has it, and axe-core, which finds what keeps people from reading a page.

Chromium is installed where it is missing, as root. axe-core comes from npm as `package-lock.json` has it, once for
each user, into `${XDG_CACHE_HOME:-~/.cache}/resync-argo/npm/`.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.cluster.packages import ensure_programs
from tests.cluster.toolchain import cache_directory

FOLDER = Path(__file__).parent
PROGRAMS = {"/usr/bin/chromium": "chromium"}

Scheme = Literal["light", "dark"]


@dataclass
class Screen:
    """A page in a window, and what it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Load a page."""
        self.page.goto(url)

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def violations(self) -> list[str]:
        """Return what axe-core finds, with the elements that it is about."""
        self.page.evaluate(axe())
        found: dict[str, Any] = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{it['id']}: {it['help']}: {node['html'][:200]}"
            for it in found["violations"]
            for node in it["nodes"]
        ]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    ensure_programs(PROGRAMS)
    (program,) = PROGRAMS
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs another user than root.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def screen(browser: Browser, width: int = 1440, scheme: Scheme = "light") -> Iterator[Screen]:
    """Open a window of a width, for people who prefer a light or a dark one."""
    size: Any = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme)
    shown = Screen(context.new_page())
    shown.page.on("request", lambda it: shown.requests.append(it.url))
    shown.page.on("console", lambda it: shown.complaints.append(it.text))
    shown.page.on("pageerror", lambda it: shown.complaints.append(str(it)))
    try:
        yield shown
    finally:
        context.close()


def axe() -> str:
    """Return axe-core's program."""
    lock = (FOLDER / "package-lock.json").read_bytes()
    place = cache_directory() / "npm" / f"page-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not place.exists():
        _install(place)
    return (place / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def _install(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / name, scratch)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300)
        with suppress(OSError):  # another process was quicker
            Path(scratch).rename(place)
            Path(scratch).mkdir()
