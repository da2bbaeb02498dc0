"""Tokens of a GitHub App: minted when one is needed, minted anew before they expire, kept nowhere else.

GitHub's tokens live an hour ("Generating an installation access token for a GitHub App"); a run may last
longer. So whoever talks to the forge or runs git asks here each time, and gets one with life left in it.
Used by `github_client` for requests, and by the attempt and the controller for git.
"""

import threading
import time
from collections.abc import Callable, Mapping

from github import Auth, GithubIntegration
from github.InstallationAuthorization import InstallationAuthorization
from jwt import PyJWTError

from resync_argo.forge.credentials import App, Credentials, Token
from resync_argo.forge.github_errors import translated
from resync_argo.forge.interface import CredentialsRefused
from resync_argo.settings import HostSettings

TIMEOUT_SECONDS = 30
USER_AGENT = "resync-argo"
RENEW_SECONDS = 600.0
"""How much life a token must have left: one command of git reads it once and may then take minutes."""


class AppTokens:
    """The tokens of an App for one repository; safe to use from many threads."""

    def __init__(
        self, *, host: str, repository: str, credentials: App, hosts: Mapping[str, HostSettings]
    ) -> None:
        """Prepare; nothing is sent before the first token is asked for.

        Args:
            host: of the repository.
            repository: `owner/name`.
            credentials: the App's.
            hosts: `Settings.hosts`.
        """
        settings = hosts.get(host, HostSettings())
        self._shown = f"{host}/{repository}"
        self._repository = repository
        self._credentials = credentials
        self._installation = credentials.installation_id
        self._base_url = settings.api_url or api_url(host)
        self._verify: bool | str = settings.ca_file or True
        self._last: InstallationAuthorization | None = None
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return a token with life left in it.

        Raises:
            ForgeError: the App's credentials are not accepted, or it is not installed there.
        """
        with self._lock:
            if self._last is None or self._seconds_left(self._last) < RENEW_SECONDS:
                self._last = self._minted()
            return str(self._last.token)

    def permissions(self) -> Mapping[str, str]:
        """Return what the installation may do now, by GitHub's names; a token is minted to see it.

        Raises:
            ForgeError: as `token` does.
        """
        with self._lock:
            self._last = self._minted()
            return dict(self._last.permissions)

    @staticmethod
    def _seconds_left(minted: InstallationAuthorization) -> float:
        return minted.expires_at.timestamp() - time.time()

    def _minted(self) -> InstallationAuthorization:
        app = app_auth(self._credentials, where=self._shown)
        with translated(
            self._shown, "get a token for the GitHub App", missing="installation of the App"
        ):
            integration = self._integration(app)
            try:
                if self._installation is None:
                    owner, _, name = self._repository.partition("/")
                    self._installation = integration.get_repo_installation(owner, name).id
                return integration.get_access_token(self._installation)
            finally:
                integration.close()

    def _integration(self, app: Auth.AppAuth) -> GithubIntegration:
        return GithubIntegration(
            auth=app,
            base_url=self._base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
            verify=self._verify,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )


class RenewedAuth(Auth.Auth):
    """Authentication of PyGithub's that asks for the token at each request."""

    def __init__(self, tokens: AppTokens) -> None:
        """Keep where tokens come from."""
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
    """Return what signs as an App.

    Args:
        credentials: the App's.
        where: what the error begins with.

    Raises:
        CredentialsRefused: its key cannot be used.
    """
    app = Auth.AppAuth(credentials.app_id, credentials.private_key)
    try:
        app.create_jwt()
    except (PyJWTError, ValueError, TypeError):
        raise CredentialsRefused(
            "CredentialsInvalid",
            f"{where}: `privateKey` in the Plan's Secret is not a PEM private key.",
        ) from None  # what the library says may quote the key
    return app


def api_url(host: str) -> str:
    """Return the REST API's address of a host that no setting maps."""
    return "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"


def token_source(
    *, host: str, repository: str, credentials: Credentials, hosts: Mapping[str, HostSettings]
) -> Callable[[], str]:
    """Return what gives a token for git over https each time: the Secret's own, or the App's.

    It raises a `ForgeError` where the App's credentials are not accepted, or it is not installed there.
    """
    if isinstance(credentials, Token):
        return lambda: credentials.value
    return AppTokens(host=host, repository=repository, credentials=credentials, hosts=hosts).token
