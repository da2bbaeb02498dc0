"""Makes a site of pages that also read well on a forge: the hook that `mkdocs.yml` names.

Pages link to files outside `docs/` by relative paths. On the site such a file is a page of its own (`PAGES`), a link into the
repository where `repo_url` gives its address, or else a copy, `source/<path>.txt`, since the project has no public address.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]

# Files of the repository that are pages of the site.
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "report-a-vulnerability.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "tests/README.md": "tests.md",
}

# A link, or a piece of code, in which what looks like a link is none.
_LINK = re.compile(
    r"`[^`\n]+`|\]\((?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?(?P<title> \"[^\"]*\")?\)"
)
_MARKED_FENCE = re.compile(r"^( *```\w+) [\w-]+$", re.M)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside `docs/`, and what pages link to there."""
    for source, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text()))
    copies = {
        target
        for page in files.documentation_pages()
        for target in _targets(page.content_string, _source(page.src_uri))
        if _is_copied(target, config)
    }
    for target in sorted(copies):
        copy = File.generated(config, _copy(target), abs_src_path=str(ROOT / target))
        files.append(copy)
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page's text with links that lead somewhere on the site."""
    del files
    source = _source(page.file.src_uri)

    def on_site(link: re.Match[str]) -> str:
        if link["path"] is None:
            return link[0]
        target = _resolved(link["path"], source)
        place, anchor = _place(target, page.file.src_uri, config), link["anchor"] or ""
        return f"]({place}{anchor}{link['title'] or ''})"

    return _MARKED_FENCE.sub(r"\1", _LINK.sub(on_site, markdown))


def _place(target: str, page: str, config: MkDocsConfig) -> str:
    """Return where a page finds a file of the repository."""
    if target in PAGES:
        return PAGES[target]
    if target.startswith("docs/"):
        return posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(page) or ".")
    if config.repo_url:
        return f"{config.repo_url.rstrip('/')}/blob/main/{target}"
    return _copy(target)


def _targets(text: str, source: str) -> Iterator[str]:
    return (_resolved(it["path"], source) for it in _LINK.finditer(text) if it["path"])


def _resolved(path: str, source: str) -> str:
    """Return a linked path from the top of the repository."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), path))


def _source(page: str) -> str:
    """Return the path of a page's file in the repository."""
    names = {name: source for source, name in PAGES.items()}
    return names.get(page, f"docs/{page}")


def _is_copied(target: str, config: MkDocsConfig) -> bool:
    outside = target not in PAGES and not target.startswith("docs/")
    return outside and not config.repo_url and (ROOT / target).is_file()


def _copy(target: str) -> str:
    return f"source/{target}.txt"
