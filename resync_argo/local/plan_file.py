"""Reads one valid Plan from a file, for commands that need exactly one."""

from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.errors import UsageError
from resync_argo.local.lint.documents import read
from resync_argo.local.lint.findings import Severity, render
from resync_argo.local.lint.program import lint_document


def load_plan(file: Path) -> Plan:
    """Return the Plan in a file.

    Raises:
        UsageError: there is no Plan or more than one, or a cluster would refuse it; the message
            says why and where.
    """
    documents, found = read(file)
    if not found and len(documents) != 1:
        raise UsageError(
            f"{file} must hold one Plan, and it holds {len(documents)} documents: give each a"
            " file of its own."
        )
    plan = None
    for document in documents:
        problems, plan = lint_document(document)
        found += problems
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if not errors and plan is None:
        raise UsageError(f"{file} must hold a Plan, and it holds another kind.")
    if errors or plan is None:
        raise UsageError(f"Invalid Plan:\n{render(sorted(errors), 'text')}")
    return plan
