"""Where a Plan's pull requests and branches are, and which Secrets open them; pure.

It is what pollers are given instead of a Plan: two Plans with the same values see the same, and a
Plan whose other fields changed asks nothing again.
"""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, host_of
from resync_argo.controller.polling.lanes import Lane
from resync_argo.errors import Stalled
from resync_argo.reasons.forge import NO_CREDENTIALS


@dataclass(frozen=True, kw_only=True)
class ForgeAccess:
    """A downstream repository as one Plan reaches it.

    Attributes:
        downstream: `host/owner/name`, where the final pull request is opened.
        fork: the repository that branches are pushed to, where it is another one.
        branch: the downstream branch.
        secret: holds the credentials for the downstream, `fork_secret` those for the fork.
    """

    downstream: str
    fork: str | None
    branch: str
    secret: ObjectKey
    fork_secret: ObjectKey

    @property
    def branches_in(self) -> str:
        """Return the repository that has our branches and conflict pull requests."""
        return self.fork or self.downstream

    @property
    def lane(self) -> Lane:
        """Return whose looks they are, and to which host they go."""
        return Lane(self.secret.namespace, host_of(self.downstream))


def access_of(plan: Plan) -> ForgeAccess:
    """Return how a Plan reaches its downstream.

    Raises:
        Stalled: reason `NoCredentials`: the Plan names no Secret.
    """
    config, namespace = plan.spec.config, plan.metadata.namespace
    if config.github is None:
        raise Stalled(NO_CREDENTIALS, "`config.github` is missing: the forge cannot be asked.")
    secret = ObjectKey(namespace, config.github.credentials.secret_selector)
    of_fork = config.github.fork_credentials
    return ForgeAccess(
        downstream=config.downstream.name,
        fork=config.downstream.fork,
        branch=config.downstream.branch,
        secret=secret,
        fork_secret=ObjectKey(namespace, of_fork.secret_selector) if of_fork else secret,
    )


def secrets_of(plan: Plan) -> tuple[ObjectKey, ...]:
    """Return the Secrets that a Plan names, each once."""
    config, namespace = plan.spec.config, plan.metadata.namespace
    named = [config.slack.credentials] if config.slack is not None else []
    if config.github is not None:
        named.append(config.github.credentials)
        named += [config.github.fork_credentials] if config.github.fork_credentials else []
    return tuple(dict.fromkeys(ObjectKey(namespace, it.secret_selector) for it in named))
