"""The program behind the command `lint`: files in, findings out."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.contract import Layout
from resync_argo.errors import ResyncError, Stalled
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.lint import doubts, meaning, schema
from resync_argo.local.lint.documents import Document, read
from resync_argo.local.lint.findings import Finding
from resync_argo.local.reader import make_reader, sign_in
from resync_argo.upstream.eligibility import select
from resync_argo.upstream.remote import list_tags


def lint(files: Iterable[Path], *, online: bool = False) -> list[Finding]:
    """Return everything that is wrong with the Plans in files, in the order of the files' lines.

    Args:
        files: YAML files, each with one Plan or several.
        online: also ask the upstreams which tags they have.
    """
    found: list[Finding] = []
    plans: list[tuple[Document, Plan]] = []
    for file in files:
        documents, broken = read(file)
        found += broken
        for document in documents:
            problems, plan = lint_document(document)
            found += problems
            if plan is not None:
                plans.append((document, plan))
    found += doubts.check_together(plans)
    if online:
        for document, plan in plans:
            found += _unmatched(document, plan)
    return sorted(set(found))


def lint_document(document: Document) -> tuple[list[Finding], Plan | None]:
    """Return what is wrong with one document, and the Plan that it is if it has the shape of one."""
    found = list(meaning.check_identity(document))
    if not isinstance(document.data, dict) or document.data.get("kind") != "Plan":
        return found, None
    found += schema.check(document)
    plan = meaning.read_plan(document)
    if plan is None:
        return found, None
    told = {(it.line, it.column) for it in found}
    found += [it for it in meaning.check(document, plan) if (it.line, it.column) not in told]
    if not found:
        found += meaning.check_whole(document, plan)
    found += doubts.check(document, plan)
    return found, plan


def _unmatched(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield a warning for each range that no tag of upstream is in."""
    config = plan.spec.config
    at = ("spec", "config", "upstream")
    name = config.upstream.name
    try:
        with tempfile.TemporaryDirectory() as folder, progress(f"Asking {name} for its tags"):
            layout = Layout(secrets=Path(folder) / "secrets")
            reader = sign_in(make_reader(plan, layout, os.environ), os.environ)
            tags = list_tags(Git(directory=Path(folder)), reader.upstream)
    except ResyncError as error:
        yield document.warning((*at, "name"), f"its tags could not be asked for: {error}")
        return
    for number, text in enumerate(config.upstream.matched_versions):
        alone = config.upstream.model_copy(update={"matched_versions": (text,)})
        try:
            selection = select(tags, config.model_copy(update={"upstream": alone}))
        except Stalled:
            continue
        if not selection.releases:
            message = f"no tag of {name} is in `{text}` now"
            yield document.warning((*at, "matchedVersions", number), message)
