"""Finds the release that a person wants to run on this machine."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from resync_argo.api.plan import Plan
from resync_argo.contract import Layout
from resync_argo.errors import ResyncError, UsageError
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.plan_file import load_plan
from resync_argo.local.preview.program import look_ahead
from resync_argo.local.reader import make_reader, sign_in
from resync_argo.local.run.turn import next_version, why_nothing
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.remote import look_at_branch
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal


class NothingDue(ResyncError):
    """No release is due; the message says why."""


class Wanted(NamedTuple):
    """A Plan and the requested version; `tip` only if the Plan follows a branch."""

    plan: Plan
    version: str
    tip: Tip | None = None


def read_version(file: Path, tag: str | None, environ: Mapping[str, str]) -> Wanted:
    """Return the Plan in a file, and the version that a person typed: `1.21.2`, or the tag's name.

    Args:
        file: of the Plan.
        tag: what the person typed; None: take the release whose turn it is.
        environ: this machine's variables.

    Raises:
        UsageError: the Plan is invalid, or does not accept that version.
        NothingDue: no version was typed, and no release is due.
        ResyncError: a repository cannot be read.
    """
    plan = load_plan(file)
    if plan.spec.config.upstream.branch is not None:
        tip = read_tip(plan, environ)
        if tag not in (None, str(tip.version)):
            raise UsageError(
                f"The Plan follows a branch, which is at {tip.version}: leave `--tag` out."
            )
        return Wanted(plan, str(tip.version), tip)
    if tag is None:
        due = look_ahead(plan, environ)
        next_one = next_version(due)
        if next_one is None:
            raise NothingDue(why_nothing(due))
        return Wanted(plan, next_one)
    scheme = Scheme.of(plan.spec.config.upstream)
    for version in (scheme.read(tag), scheme.version_of(tag)):
        if not isinstance(version, Refusal):
            return Wanted(plan, str(version))
    raise UsageError(f"`{tag}` is not a version such as `1.21.2`.")


def read_tip(plan: Plan, environ: Mapping[str, str]) -> Tip:
    """Return the newest commit of the branch that a Plan follows.

    Raises:
        ResyncError: it cannot be read; the message says why.
    """
    upstream = plan.spec.config.upstream
    with (
        tempfile.TemporaryDirectory() as folder,
        progress(f"Asking {upstream.name} for its branches"),
    ):
        layout = Layout(secrets=Path(folder) / "secrets")
        reader = sign_in(make_reader(plan, layout, environ), environ)
        return look_at_branch(Git(directory=Path(folder)), reader.upstream, upstream.branch or "")
