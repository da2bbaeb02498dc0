"""Draws the demo's conflict pull request: `python -m tests.demo.question` writes docs/pictures/conflict.png.

It runs the demo, and shows the text and the diff of pull request 2 in Chromium, much as a forge does. The test forge
cannot be photographed: its Go module does not hold the style of its pages.
"""

import html
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from tests.page.browser import chromium

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "conflict.png"
WIDTH = 1000

PAGE = """\
<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 15px/1.5 sans-serif; color: #1f2328; margin: 24px }}
h1 {{ font-size: 24px; font-weight: 500; margin: 0 }}
.state {{ background: #1a7f37; border-radius: 1em; color: white; padding: 2px 12px; margin-right: 6px }}
code, pre {{ font: 12.5px/1.45 monospace; background: #f0f2f4; border-radius: 4px }}
code {{ padding: 1px 4px }} pre {{ padding: 10px; overflow: hidden }} pre code {{ padding: 0 }}
section {{ border: 1px solid #d1d9e0; border-radius: 6px; padding: 0 16px; margin-top: 16px }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #d1d9e0; padding: 5px 10px; text-align: left }}
.diff div {{ white-space: pre; padding: 0 6px }} .add {{ background: #dafbe1 }} .del {{ background: #ffebe9 }}
.hunk {{ background: #ddf4ff; color: #59636e }}
</style>
<h1>{title} <span style="color: #59636e">#{number}</span></h1>
<p><span class="state">Open</span> resync-argo wants to merge into <code>{base}</code> from <code>{head}</code></p>
<section>{body}</section>
<section><p><b>Files changed</b></p><pre class="diff">{diff}</pre></section>
"""

CLASSES = {"+": "add", "-": "del", "@": "hunk"}


def page(folder: Path) -> str:
    """Return the pull request that asks, as HTML.

    Args:
        folder: of a demo that has run.
    """
    _, head, body = (folder / "pull-requests" / "0002.md").read_text().split("---\n", 2)
    facts = {key: html.escape(str(value)) for key, value in yaml.safe_load(head).items()}
    shown = MarkdownIt("commonmark").enable("table").render(body.replace(f"{folder}/", ""))
    # By now the demo has answered in a commit of its own.
    command = ["git", "show", "--format=", f"{facts['headCommit']}^"]
    done = subprocess.run(
        command, cwd=folder / "downstream", check=True, capture_output=True, text=True
    )
    return PAGE.format(
        **{key: facts[key] for key in ("title", "number", "base", "head")},
        body=shown,
        diff="".join(map(_line, done.stdout.splitlines())),
    )


def _line(line: str) -> str:
    name = "" if line.startswith(("+++", "---")) else CLASSES.get(line[:1], "")
    return f'<div class="{name}">{html.escape(line) or " "}</div>'


def main() -> None:
    """Run the demo and draw."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name).resolve()
        command: list[str | Path] = [sys.executable, "-m", "tests.demo.local", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        shown = browser.new_page(viewport={"width": WIDTH, "height": 600})
        shown.set_content(page(folder))
        shown.screenshot(path=PICTURE, full_page=True)


if __name__ == "__main__":
    main()
