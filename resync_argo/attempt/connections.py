"""Connects an attempt to the world outside: git's token, the forge, the chat.

The clients are imported here, when one is needed: a container that only waits, or a checkout with a
plain token, stays small without them. Secrets are read from their mounted folders at each use.
"""

import os
from dataclasses import replace

from resync_argo.api.plan import RepositoryName
from resync_argo.attempt.context import Attempt
from resync_argo.contract import Contract, Layout
from resync_argo.errors import Stalled
from resync_argo.forge.credentials import Credentials, Token, from_directory
from resync_argo.forge.interface import Forge
from resync_argo.notify.interface import Notifier


def with_token(attempt: Attempt, container: str) -> Attempt:
    """Return the attempt with a token for git; an App's is minted now, and serves the forge too.

    Raises:
        ResyncError: the Secret lacks a key, or the App is refused.
    """
    secret = attempt.layout.secret("github")
    if attempt.contract.config.github is None or not secret.is_dir():
        return attempt
    credentials = from_directory(secret)
    if isinstance(credentials, Token):
        return replace(attempt, token_file=secret / "token")
    from resync_argo.forge.github_client import mint_token  # noqa: PLC0415 - see above

    repository = RepositoryName.of(attempt.contract.config.downstream.name)
    token = mint_token(
        host=repository.host,
        repository=repository.path,
        credentials=credentials,
        hosts=attempt.contract.hosts,
    )
    file = attempt.layout.trusted / f"token.{container}"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w") as opened:
        opened.write(token)
    contract, minted = attempt.contract, Token(value=token)
    return replace(
        attempt,
        token_file=file,
        connect_forge=lambda: connect_forge(contract, minted),
        connect_conflict_forge=lambda: connect_forge(contract, minted, in_fork=True),
    )


def mounted_credentials(contract: Contract, layout: Layout) -> Credentials:
    """Return the credentials in the mounted Secret.

    Raises:
        Stalled: the Plan names no Secret, or the Secret lacks a key.
    """
    if contract.config.github is None:
        raise Stalled(
            "CredentialsMissing",
            "A pull request needs credentials: name their Secret in `config.github.credentials`.",
        )
    return from_directory(layout.secret("github"))


def connect_forge(contract: Contract, credentials: Credentials, *, in_fork: bool = False) -> Forge:
    """Return the downstream's forge, or the one whose pull requests are opened in its fork."""
    from resync_argo.forge.github import GitHubForge  # noqa: PLC0415 - see above

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
    """Return the chat."""
    from resync_argo.notify.slack import SlackNotifier  # noqa: PLC0415 - see above

    return SlackNotifier.from_directory(layout.secret("slack"), api_url=contract.slack_api_url)
