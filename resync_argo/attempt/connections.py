"""Connects an attempt to the outside: git's token, the forge, Slack.

The clients are imported only when needed: a container that waits, or a checkout with a plain token,
stays small without them. Secrets are read from their mounted folders at each use. An App's tokens
are renewed before they expire, since an attempt may outlast them.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from resync_argo.api.plan import RepositoryName
from resync_argo.attempt.context import Attempt
from resync_argo.contract import Contract, Layout
from resync_argo.errors import Stalled
from resync_argo.forge.credentials import Credentials, Token, from_directory
from resync_argo.forge.interface import Forge
from resync_argo.notify.interface import Notifier
from resync_argo.reasons.forge import CREDENTIALS_MISSING

if TYPE_CHECKING:
    from resync_argo.forge.github.tokens import AppTokens


@dataclass(kw_only=True)
class Keys:
    """One container's tokens for the repositories that it uses.

    Attributes:
        contract: names the repositories.
        layout: where Secrets are mounted and token files are written.
        container: the container; the token files' names contain its name.
    """

    contract: Contract
    layout: Layout
    container: str
    _tokens: "dict[str, AppTokens]" = field(default_factory=dict)

    def file(self, name: str) -> Path | None:
        """Return a file with a token for a repository, `host/owner/name`; None without credentials.

        Raises:
            ResyncError: the Secret lacks a key, or the App is refused.
        """
        in_fork = name == self.contract.config.downstream.fork
        secret = secret_folder(self.layout, in_fork=in_fork)
        if self.contract.config.github is None or not secret.is_dir():
            return None
        credentials = self.credentials(in_fork=in_fork)
        if isinstance(credentials, Token):
            return secret / "token"
        return self._written("fork" if in_fork else "downstream", credentials.token())

    def credentials(self, *, in_fork: bool) -> "Token | AppTokens":
        """Return the credentials for the fork or the downstream; for an App, a shared token source.

        Raises:
            Stalled: the Plan names no Secret, or the Secret lacks a key.
        """
        credentials = mounted_credentials(self.contract, self.layout, in_fork=in_fork)
        if isinstance(credentials, Token):
            return credentials
        from resync_argo.forge.github.tokens import AppTokens  # noqa: PLC0415 - see above

        downstream = self.contract.config.downstream
        name = downstream.fork if in_fork and downstream.fork else downstream.name
        if name not in self._tokens:
            repository = RepositoryName.of(name)
            self._tokens[name] = AppTokens(
                host=repository.host,
                repository=repository.path,
                credentials=credentials,
                hosts=self.contract.hosts,
            )
        return self._tokens[name]

    def _written(self, side: str, token: str) -> Path:
        file = self.layout.trusted / f"token.{self.container}.{side}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with open(os.open(file, flags, 0o600), "w") as opened:
            opened.write(token)
        return file


def with_token(attempt: Attempt, container: str) -> Attempt:
    """Return the attempt with tokens for git; an App's tokens also serve its forge requests.

    Raises:
        ResyncError: the Secret lacks a key, or the App is refused.
    """
    keys = Keys(contract=attempt.contract, layout=attempt.layout, container=container)
    if keys.file(attempt.contract.config.downstream.name) is None:
        return attempt
    return replace(
        attempt,
        token_for=keys.file,
        connect_forge=_shared(keys, attempt.connect_forge, in_fork=False),
        connect_conflict_forge=_shared(
            keys, attempt.connect_conflict_forge or attempt.connect_forge, in_fork=True
        ),
    )


def _shared(keys: Keys, connect: Callable[[], Forge], *, in_fork: bool) -> Callable[[], Forge]:
    """Return the forge connection; for an App, it uses the same tokens as git."""
    credentials = keys.credentials(in_fork=in_fork)
    if isinstance(credentials, Token):
        return connect
    return lambda: connect_forge(keys.contract, credentials, in_fork=in_fork)


def secret_folder(layout: Layout, *, in_fork: bool) -> Path:
    """Return the folder with a side's credentials: the fork's own, if it has some."""
    fork = layout.secret("fork")
    return fork if in_fork and fork.is_dir() else layout.secret("github")


def mounted_credentials(
    contract: Contract, layout: Layout, *, in_fork: bool = False
) -> Credentials:
    """Return the credentials in the mounted Secret.

    Raises:
        Stalled: the Plan names no Secret, or the Secret lacks a key.
    """
    if contract.config.github is None:
        raise Stalled(
            CREDENTIALS_MISSING,
            "A pull request needs credentials: name their Secret in `config.github.credentials`.",
        )
    return from_directory(secret_folder(layout, in_fork=in_fork))


def connect_forge(
    contract: Contract, credentials: "Credentials | AppTokens", *, in_fork: bool = False
) -> Forge:
    """Return the downstream's forge, or the one whose pull requests are opened in its fork."""
    from resync_argo.forge.github.forge import GitHubForge  # noqa: PLC0415 - see above

    downstream = contract.config.downstream
    fork = RepositoryName.of(downstream.fork) if downstream.fork else None
    repository = RepositoryName.of(downstream.name)
    return GitHubForge(
        fork if in_fork and fork else repository,
        credentials=credentials,
        hosts=contract.hosts,
        head_repository=fork,
    )


def connect_notifier(contract: Contract, layout: Layout) -> Notifier:
    """Return the Slack client.

    Raises:
        Stalled: the Secret has no usable key.
    """
    from resync_argo.notify.slack_secret import mounted_notifier  # noqa: PLC0415 - see above

    return mounted_notifier(layout.secret("slack"), api_url=contract.slack_api_url)
