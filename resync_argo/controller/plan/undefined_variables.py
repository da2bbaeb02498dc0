"""Finds variables that a Plan's titles, bodies and messages use and that nothing sets; pure.

The action would fail rather than publish an incomplete text, so the Plan reports it at once.
"""

from resync_argo.api.plan import Plan, PullRequestAction
from resync_argo.api.variables import defined, references


def undefined_variables(plan: Plan) -> list[str]:
    """Return the names that are used but not set, sorted."""
    known = defined(plan.spec.config)
    used = {name for text in _texts(plan) for name, _ in references(text)}
    return sorted(used - known)


def _texts(plan: Plan) -> list[str]:
    texts: list[str] = []
    for step in plan.spec.steps:
        if isinstance(step.action, PullRequestAction):
            texts += [step.action.title, step.action.body]
        elif step.action is not None:
            texts.append(step.action.message)
    return texts
