"""Mints tokens of a GitHub App on demand, renews them before they expire, and stores them nowhere else.

GitHub's tokens live an hour ("Generating an installation access token for a GitHub App"); a run may
last longer. So code asks here before each call of the forge or of git, and gets a token that is
valid long enough. `client` uses it for requests, the attempt and the controller for git.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from urllib.parse import quote

from github import Auth
from jwt import PyJWTError

from resync_argo.exchange import exchange, held
from resync_argo.forge.credentials import App, Credentials, Token
from resync_argo.forge.gate import token_identity
from resync_argo.forge.github.answers import InstallationAnswer, TokenAnswer
from resync_argo.forge.github.errors import translated
from resync_argo.forge.github.requester import PLAIN, CallPolicy, GitHubRequester
from resync_argo.forge.interface import CredentialsRefused
from resync_argo.reasons.forge import CREDENTIALS_INVALID
from resync_argo.settings import HostSettings

RENEW_SECONDS = 600.0
"""How long a token must remain valid: a git command reads it once and may then take minutes."""

_DOING = "get a token for the GitHub App"


class AppTokens:
    """The tokens of an App for one repository; thread-safe.

    Attributes:
        identity: the installation's, for a `Gate`.
    """

    def __init__(
        self,
        *,
        host: str,
        repository: str,
        credentials: App,
        hosts: Mapping[str, HostSettings],
        policy: CallPolicy = PLAIN,
    ) -> None:
        """Prepare; nothing is sent before the first token is asked for.

        Args:
            host: of the repository.
            repository: `owner/name`.
            credentials: the App's.
            hosts: `Settings.hosts`.
            policy: how forges are treated.
        """
        owner = repository.partition("/")[0]
        self.identity = token_identity(host, credentials, owner=owner)
        self._shown = f"{host}/{repository}"
        self._path = f"/repos/{quote(repository)}/installation"
        self._host, self._hosts = host, hosts
        self._credentials = credentials
        self._policy = policy
        self._installation = credentials.installation_id
        self._last: TokenAnswer | None = None
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return a token that is still valid for a while.

        Raises:
            ForgeError: the App's credentials are not accepted, or it is not installed there.
        """
        with self._turn():
            if self._last is None or self._seconds_left(self._last) < RENEW_SECONDS:
                self._last = self._minted()
            return self._last.token

    def permissions(self) -> Mapping[str, str]:
        """Return the installation's present permissions, by GitHub's names; mints a token to read them.

        Raises:
            ForgeError: as `token` does.
        """
        with self._turn():
            self._last = self._minted()
            return self._last.permissions

    @staticmethod
    def _seconds_left(minted: TokenAnswer) -> float:
        return minted.expires_at.timestamp() - time.time()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._translated(), exchange(self._policy.bounds), held(self._lock):
            yield

    def _minted(self) -> TokenAnswer:
        where = f"{self._shown}: could not {_DOING}"
        with (
            self._policy.passed(self.identity, where),
            self._translated(),
            closing(self._requester()) as requester,
        ):
            if self._installation is None:
                _, answer = requester.requestJsonAndCheck("GET", self._path)
                self._installation = InstallationAnswer.model_validate(answer).id
            path = f"/app/installations/{self._installation}/access_tokens"
            _, answer = requester.requestJsonAndCheck("POST", path, input={})
            return TokenAnswer.model_validate(answer)

    def _requester(self) -> GitHubRequester:
        app = app_auth(self._credentials, where=self._shown)
        return GitHubRequester(self._host, app, self._hosts)

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self._shown, _DOING, missing="installation of the App")


class RenewedAuth(Auth.Auth):
    """Authentication for PyGithub that asks for the token at each request."""

    def __init__(self, tokens: AppTokens) -> None:
        """Keep the source of tokens."""
        self._tokens = tokens

    @property
    def token_type(self) -> str:
        """See `Auth`."""
        return "token"

    @property
    def token(self) -> str:
        """See `Auth`."""
        return self._tokens.token()


def app_auth(credentials: App, *, where: str) -> Auth.AppAuth:
    """Return the App's JWT signer.

    Args:
        credentials: the App's.
        where: the beginning of the error.

    Raises:
        CredentialsRefused: the key cannot be used.
    """
    app = Auth.AppAuth(credentials.app_id, credentials.private_key)
    try:
        app.create_jwt()
    except (PyJWTError, ValueError, TypeError):
        raise CredentialsRefused(
            CREDENTIALS_INVALID,
            f"{where}: `privateKey` in the Plan's Secret is not a PEM private key.",
        ) from None  # the library's message may quote the key
    return app


def token_source(
    *,
    host: str,
    repository: str,
    credentials: Credentials,
    hosts: Mapping[str, HostSettings],
    policy: CallPolicy = PLAIN,
) -> Callable[[], str]:
    """Return a function that returns a valid token for git over https: the Secret's own, or the App's.

    The function raises a `ForgeError` if the App's credentials are refused, or it is not installed
    there.
    """
    if isinstance(credentials, Token):
        return lambda: credentials.value
    return AppTokens(
        host=host, repository=repository, credentials=credentials, hosts=hosts, policy=policy
    ).token
