"""The text of the final pull request, and how to distinguish ours from a person's.

Pure: facts go in, Markdown comes out, within GitHub's limit. The body ends in a hidden line with
hashes of the title and the body that we wrote. If they no longer match, a person has edited the
text and we leave it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.attempt.markdown import MAX_BODY, code, count
from resync_argo.names import short_hash

MAX_OWN_TEXT = 40_000
MAX_FILES = 50

_MARKER = re.compile(r"<!-- resync-argo title=(?P<title>\w+) body=(?P<body>\w+) -->\s*\Z")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts for a pull request, besides the maintainer's text.

    Attributes:
        upstream: `host/owner/name`.
        branch: the downstream branch.
        tag: the git tag's name, or a branch's commit.
        upstream_branch: the branch; None for a git tag.
        previous_tag: the newest tag that the branch contained before; None without one.
        commits: how many upstream commits are new.
        files: how many files differ from the branch.
        run_url: address of the run; None where there is none.
        summary: Markdown from the steps; "" without any.
        decisions: Markdown about the rules' decisions; "" without any.
        included: Markdown about included pull requests; "" without any.
        carries: Markdown about carried patches; "" without any.
        losses: Markdown about lost lines of either side; "" without any.
        notes: further sentences that a reviewer must see.
        uncommitted: files that the steps changed and did not commit.
    """

    upstream: str
    branch: str
    tag: str
    upstream_branch: str | None = None
    previous_tag: str | None
    commits: int
    files: int
    run_url: str | None = None
    summary: str = ""
    decisions: str = ""
    included: str = ""
    carries: str = ""
    losses: str = ""
    notes: tuple[str, ...] = ()
    uncommitted: tuple[str, ...] = ()


def compose(own: str, facts: Facts) -> str:
    """Return the body: rules' decisions, the maintainer's text, the steps' summaries, then the facts."""
    own = own if len(own) <= MAX_OWN_TEXT else own[:MAX_OWN_TEXT] + "\n… (cut)"
    told = (_merged(facts), *facts.notes, facts.included, facts.carries, facts.losses)
    written = [part for part in (facts.decisions, own, facts.summary) if part]
    parts = [*written, "---" if written else "", *told]
    if facts.uncommitted:
        parts.append(_uncommitted(facts.uncommitted))
    if facts.run_url:
        parts.append(f"[The run]({facts.run_url})")
    return "\n\n".join(part for part in parts if part)[: MAX_BODY - 200]


def sign(title: str, body: str) -> str:
    """Return the body with the hidden line."""
    return f"{body}\n\n<!-- resync-argo title={_hash(title)} body={_hash(body)} -->\n"


def edited(title: str, body: str) -> tuple[bool, bool]:
    """Return whether a person changed the title and body that we signed."""
    marker = _MARKER.search(body)
    if marker is None:
        return True, True
    return _hash(title) != marker["title"], _hash(body[: marker.start()]) != marker["body"]


def _merged(facts: Facts) -> str:
    before = (
        f"contained {code(facts.previous_tag)} before"
        if facts.previous_tag
        else "contained no release of the Plan's range before"
    )
    release = code(facts.tag)
    if facts.upstream_branch is not None:
        release = f"{code(facts.upstream_branch)} at {release}"
    return (
        f"{code(facts.upstream)} {release} for {code(facts.branch)}, which {before}:"
        f" {count(facts.commits, 'new upstream commit')}{_compare(facts)},"
        f" {count(facts.files, 'changed file')}."
    )


def _compare(facts: Facts) -> str:
    if not facts.upstream.startswith("github.com/") or facts.previous_tag is None:
        return ""
    return f" ([compare](https://{facts.upstream}/compare/{facts.previous_tag}...{facts.tag}))"


def _uncommitted(files: Sequence[str]) -> str:
    lines = [f"- {code(name)}" for name in files[:MAX_FILES]]
    if len(files) > MAX_FILES:
        lines.append(f"- … and {len(files) - MAX_FILES} more")
    return "\n".join(
        ["**Not included:** the steps left files that they did not commit.", "", *lines]
    )


def _hash(text: str) -> str:
    # GitHub's editor ends lines with carriage returns.
    return short_hash(text.replace("\r\n", "\n").strip(), length=16)
