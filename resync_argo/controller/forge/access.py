"""The places of a Plan's pull requests and branches, and their Secrets; pure.

Pollers receive this instead of a Plan. So two Plans with the same values share results, and a
change of a Plan's other fields causes no requests.
"""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, host_of
from resync_argo.controller.polling.lanes import Lane
from resync_argo.errors import Stalled
from resync_argo.reasons.forge import NO_CREDENTIALS


@dataclass(frozen=True, kw_only=True)
class ForgeAccess:
    """A Plan's access to its downstream repository.

    Attributes:
        downstream: `host/owner/name`, for the final pull request.
        fork: the repository to push branches to, if it is another one.
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
        """Return the repository with our branches and conflict pull requests."""
        return self.fork or self.downstream

    @property
    def lane(self) -> Lane:
        """Return the namespace and the host for fair sharing of lookups."""
        return Lane(self.secret.namespace, host_of(self.downstream))


def access_of(plan: Plan) -> ForgeAccess:
    """Return a Plan's access to its downstream.

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
