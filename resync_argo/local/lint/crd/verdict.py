"""The API server's verdict on an object in a file, without an API server."""

from dataclasses import dataclass

from resync_argo.local.lint.crd import identity, rules, shape
from resync_argo.local.lint.crd.schemas import as_kept, load_schema, without_status
from resync_argo.local.lint.documents import Document
from resync_argo.local.lint.findings import Finding


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is wrong with an object.

    Attributes:
        findings: what the API server would refuse or silently drop.
        kind: one of our kinds; None if it is of another kind, or too large for further checks.
    """

    findings: tuple[Finding, ...]
    kind: str | None


def judge(document: Document) -> Verdict:
    """Return what is wrong with the object in a document."""
    found = list(identity.check(document))
    if not identity.is_ours(document.data):
        return Verdict(findings=tuple(found), kind=None)
    kind: str = document.data["kind"]
    schema = load_schema(kind)
    data = as_kept(without_status(document.data), schema)
    seen = shape.check(document, data, schema)
    found += seen.findings
    if not seen.is_bounded:
        # The API server does not evaluate rules then, either; they would take long.
        return Verdict(findings=tuple(found), kind=None)
    # A rule about the whole object is evaluated once it has a name.
    broken = seen.broken if identity.has_name(data) else {*seen.broken, ()}
    found += rules.check(document, data, schema, broken)
    return Verdict(findings=tuple(found), kind=kind)
