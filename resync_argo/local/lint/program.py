"""The program behind the command `lint`: files in, findings out."""

from collections.abc import Callable, Iterable
from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.local.lint import likely_mistakes, semantics
from resync_argo.local.lint.crd.verdict import judge
from resync_argo.local.lint.documents import Document, read
from resync_argo.local.lint.findings import Finding

Check = Callable[[Document, Plan], Iterable[Finding]]


def lint(files: Iterable[Path], *, more: Check | None = None) -> list[Finding]:
    """Return everything that is wrong with the objects in files, in the order of the files' lines.

    Args:
        files: YAML files with any number of Plans, or objects of our other kinds.
        more: another check of every Plan, such as `online.find_unmatched`.
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
    found += likely_mistakes.check_together(plans)
    if more is not None:
        for document, plan in plans:
            found += more(document, plan)
    return sorted(set(found))


def lint_document(document: Document) -> tuple[list[Finding], Plan | None]:
    """Return what is wrong with one document, and its Plan if it has the shape of one."""
    verdict = judge(document)
    found = list(verdict.findings)
    plan = semantics.read_plan(document) if verdict.kind == "Plan" else None
    if plan is None:
        return found, None
    told = {(it.line, it.column) for it in found}
    found += [it for it in semantics.check(document, plan) if (it.line, it.column) not in told]
    if not found:
        found += semantics.check_whole(document, plan)
    found += [
        it for it in likely_mistakes.check(document, plan) if not document.is_ignored(it.line)
    ]
    return found, plan
