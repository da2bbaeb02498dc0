"""Chromium as Debian has it, and axe-core, which finds what keeps people from reading a page.

Chromium is installed where it is missing, as root. axe-core comes from npm as `package-lock.json` has it, once for
each user, into `${XDG_CACHE_HOME:-~/.cache}/resync-argo/npm/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.cluster.packages import ensure_programs
from tests.npm import node_modules

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
    program = node_modules(FOLDER) / "axe-core" / "axe.min.js"
    return program.read_text(encoding="utf-8")
