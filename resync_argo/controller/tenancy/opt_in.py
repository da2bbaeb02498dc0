"""Asks the API server whether a namespace has opted in, by allowing the controller to submit Workflows.

The RoleBinding of `manifests/namespace`, or the Role of `manifests/namespace-install`, grants
exactly that, so there is no second marker that could disagree (Kubernetes, "Checking API access",
`SelfSubjectAccessReview`).
"""

from typing import TypeAlias

from resync_argo.api.meta import Json
from resync_argo.controller.kube.api import ACCESS_REVIEWS, WORKFLOWS, Kube
from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller, Seen

OptIns: TypeAlias = Poller[str, None, bool]
"""Whether each namespace has opted in."""

IN_SECONDS = 60.0
"""How often to check a namespace that has opted in."""

OUT_SECONDS = 15.0
"""How often to check one that has not: its Plans start this soon after it does."""


def may_work_in(kube: Kube, namespace: str) -> bool:
    """Return whether the controller may submit Workflows in a namespace.

    Raises:
        ResyncError: the API server does not say.
    """
    asked = {
        "namespace": namespace,
        "verb": "create",
        "group": WORKFLOWS.group,
        "resource": WORKFLOWS.plural,
    }
    review: Json = {
        "apiVersion": f"{ACCESS_REVIEWS.group}/{ACCESS_REVIEWS.version}",
        "kind": "SelfSubjectAccessReview",
        "metadata": {"namespace": ""},  # The review itself is cluster-scoped.
        "spec": {"resourceAttributes": asked},
    }
    return bool(kube.create(ACCESS_REVIEWS, review)["status"]["allowed"])


def ask(opt_ins: OptIns, namespace: str) -> Seen[bool] | None:
    """Return the last answer about a namespace; None before the first."""
    known = opt_ins.seen(namespace)
    is_in = known is not None and known.value is True
    every = IN_SECONDS if is_in else OUT_SECONDS
    return opt_ins.ask(namespace, None, Lane(namespace, ""), every=every)
