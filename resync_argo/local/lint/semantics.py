"""Finds why a well-formed Plan would be refused later: when it is compiled, or at its first run.

It calls the same functions; their messages say what to do.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError

from resync_argo.api.include import title_pattern
from resync_argo.api.plan import Plan, Upstream
from resync_argo.api.variables import static_variables
from resync_argo.contract import build_contract
from resync_argo.errors import Stalled
from resync_argo.local.lint.crd.schemas import without_status
from resync_argo.local.lint.documents import Document
from resync_argo.local.lint.findings import Finding
from resync_argo.settings import Settings
from resync_argo.upstream.ranges import VersionRange
from resync_argo.upstream.schedule import next_time
from resync_argo.upstream.scheme import Scheme


def read_plan(document: Document) -> Plan | None:
    """Return the Plan; None if it does not have the shape of one, which is a finding already."""
    try:
        return Plan.parse(without_status(document.data))
    except ValidationError:
        return None


def check(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield the fields that compile would refuse; the Plan may have other errors."""
    config = plan.spec.config
    yield from _check_upstream(document, config.upstream)
    for number, one in enumerate(config.include):
        try:
            title_pattern(one.title or "")
        except Stalled as error:
            yield document.finding(("spec", "config", "include", number, "title"), str(error))
    for number, variable in enumerate(config.env):
        if variable.from_ is None:
            continue
        try:
            static_variables(config.model_copy(update={"env": (variable,)}))
        except Stalled as error:
            yield document.finding(("spec", "config", "env", number, "from"), str(error))
    for number, parameter in enumerate(config.parameters):
        try:
            parameter.check()
        except Stalled as error:
            yield document.finding(("spec", "config", "parameters", number), str(error))


def _check_upstream(document: Document, upstream: Upstream) -> Iterator[Finding]:
    for number, text in enumerate(upstream.matched_versions):
        try:
            VersionRange.parse(text, upstream.versioning)
        except Stalled as error:
            path = ("spec", "config", "upstream", "matchedVersions", number)
            yield document.finding(path, str(error))
    if upstream.branch is not None:
        try:
            next_time(upstream.interval, datetime.now(UTC))
        except Stalled as error:
            yield document.finding(("spec", "config", "upstream", "every"), str(error))
    try:
        Scheme.of(upstream)
    except Stalled as error:
        yield document.finding(("spec", "config", "upstream", "versionPattern"), str(error))


def check_whole(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield what compile would refuse in a Plan whose single fields are valid."""
    try:
        build_contract(plan, Settings())
    except Stalled as error:
        yield document.finding(("spec",), str(error))
