"""Checks a Plan against its upstreams: whether each range has a tag."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.contract import Layout
from resync_argo.errors import ResyncError, Stalled
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.lint.documents import Document
from resync_argo.local.lint.findings import Finding
from resync_argo.local.reader import make_reader, sign_in
from resync_argo.reasons.forge import BRANCH_NOT_FOUND
from resync_argo.upstream.eligibility import select
from resync_argo.upstream.remote import list_tags, look_at_branch


def find_unmatched(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield a warning for each range without any of upstream's tags."""
    config = plan.spec.config
    at = ("spec", "config", "upstream")
    name = config.upstream.name
    try:
        with tempfile.TemporaryDirectory() as folder, progress(f"Asking {name} for its tags"):
            layout = Layout(secrets=Path(folder) / "secrets")
            reader = sign_in(make_reader(plan, layout, os.environ), os.environ)
            git = Git(directory=Path(folder))
            if config.upstream.branch is not None:
                look_at_branch(git, reader.upstream, config.upstream.branch)
                return
            tags = list_tags(git, reader.upstream)
    except ResyncError as error:
        if error.reason == BRANCH_NOT_FOUND and config.upstream.branch is not None:
            yield document.warning((*at, "branch"), str(error))
            return
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
