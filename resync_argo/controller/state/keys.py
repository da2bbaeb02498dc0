"""The keys in the queue: the five kinds of things to reconcile.

Keys are tuples, since they are hashed all the time; `kind` distinguishes keys of the same name.
"""

from typing import Literal, NamedTuple, TypeAlias, assert_never

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, host_of


class PlanKey(NamedTuple):
    """A Plan object."""

    object: ObjectKey
    kind: Literal["Plan"] = "Plan"


class TagKey(NamedTuple):
    """A Tag object."""

    object: ObjectKey
    kind: Literal["Tag"] = "Tag"


class SyncKey(NamedTuple):
    """A Sync object."""

    object: ObjectKey
    kind: Literal["Sync"] = "Sync"


class UpstreamKey(NamedTuple):
    """An upstream as seen from one namespace; read once for all Plans that share it.

    Attributes:
        namespace: that of the Plans; namespaces do not share results, since credentials may differ.
        repository: `host/owner/name`.
        secret: name of the Secret to read it with; None without credentials.
    """

    namespace: str
    repository: str
    secret: str | None
    kind: Literal["Upstream"] = "Upstream"


class BranchKey(NamedTuple):
    """A downstream branch, on which the Plans of a namespace take turns.

    Attributes:
        namespace: of the Plans.
        repository: `host/owner/name` in lower case, as hosts compare it.
        branch: its name.
    """

    namespace: str
    repository: str
    branch: str
    kind: Literal["Branch"] = "Branch"


Key: TypeAlias = PlanKey | TagKey | SyncKey | UpstreamKey | BranchKey


def namespace_of(key: Key) -> str:
    """Return the namespace that a key belongs to."""
    match key:
        case PlanKey(object=one) | TagKey(object=one) | SyncKey(object=one):
            return one.namespace
        case UpstreamKey() | BranchKey():
            return key.namespace
    assert_never(key)


def shown(key: Key) -> str:
    """Return a key for people: kind, namespace, name."""
    match key:
        case PlanKey(object=one):
            return f"Plan {one}"
        case TagKey(object=one):
            return f"Tag {one}"
        case SyncKey(object=one):
            return f"Sync {one}"
        case UpstreamKey():
            return f"Upstream {key.namespace}/{key.repository}"
        case BranchKey():
            return f"Branch {key.namespace}/{key.repository} {key.branch}"
    assert_never(key)


def upstream_key(plan: Plan) -> UpstreamKey:
    """Return the key of a Plan's upstream.

    The token is for the downstream's host: another host's upstream is read without credentials.
    """
    config = plan.spec.config
    hosts = {host_of(name) for name in (config.upstream.name, config.downstream.name)}
    secret = config.github.credentials.secret_selector if config.github else None
    return UpstreamKey(
        plan.metadata.namespace, config.upstream.name, secret if len(hosts) == 1 else None
    )


def branch_key(plan: Plan) -> BranchKey:
    """Return the downstream branch of a Plan."""
    downstream = plan.spec.config.downstream
    return BranchKey(plan.metadata.namespace, downstream.name.lower(), downstream.branch)


def repository_of(plan: Plan) -> tuple[str, str]:
    """Return the index value under which a Plan finds its Tags: namespace and upstream."""
    return plan.metadata.namespace, plan.spec.config.upstream.name
