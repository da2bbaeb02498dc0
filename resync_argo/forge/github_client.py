"""Connects to GitHub's REST API: which address, which credentials, which manners.

PyGithub carries authentication (App tokens are minted when needed and renewed before they expire), encoding and
errors. It is told not to sleep and not to retry: whoever calls us has a queue with back-off, and `RateLimited` says
how long GitHub asks to wait. We make a handful of writes per sync, far below what GitHub wants paced.
Called by `github`; `mint_token` also by whoever needs a token for git.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import github
from github import Auth, Github, GithubIntegration
from jwt import PyJWTError

from resync_argo.forge.credentials import App, Credentials, Token
from resync_argo.forge.github_errors import translated
from resync_argo.forge.interface import CredentialsRefused
from resync_argo.settings import HostSettings

TIMEOUT_SECONDS = 30
USER_AGENT = "resync-argo"
PER_PAGE = 100
NO_SETTINGS = HostSettings()


class Connection:
    """Authenticated access to the forge of one repository.

    Attributes:
        repository: `owner/name`.
        shown: `host/owner/name`, for messages.
        requests: how many were made, without those for an App's token.
        quota_left: requests left in the present hour, as the forge said last; None: it does not say.
    """

    def __init__(
        self,
        *,
        host: str,
        repository: str,
        credentials: Credentials,
        hosts: Mapping[str, HostSettings],
    ) -> None:
        """Prepare; nothing is sent before the first request, but for an App without installation id."""
        settings = hosts.get(host, NO_SETTINGS)
        self.repository = repository
        self.shown = f"{host}/{repository}"
        self._credentials = credentials
        self._base_url = settings.api_url or api_url(host)
        self.requests = 0
        self.quota_left: int | None = None
        self._verify: bool | str = settings.ca_file or True
        self._client: Github | None = None
        self._lock = threading.Lock()

    @contextmanager
    def one_at_a_time(self) -> Iterator[Github]:
        """Give PyGithub's client, made at the first use, to one thread.

        PyGithub keeps the request that it is about to send in its connection, so two threads would send each
        other's; and GitHub asks for requests to be made one after the other.
        """
        with self._lock:
            if self._client is None:
                self._client = self._connected(self._authentication())
            self.requests += 1
            try:
                yield self._client
            finally:
                left, _ = self._client.requester.rate_limiting
                self.quota_left = left if left >= 0 else None

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def mint(self) -> github.InstallationAuthorization.InstallationAuthorization | None:
        """Mint an installation token; None where the credentials are a token already.

        Raises:
            ForgeError: the App's credentials are not accepted, or it is not installed there.
        """
        if isinstance(self._credentials, Token):
            return None
        app = self._app(self._credentials)
        with translated(self.shown, "get a token for the GitHub App", missing="installation"):
            integration = self._integration(app)
            try:
                return integration.get_access_token(self._installation(integration))
            finally:
                integration.close()

    def _authentication(self) -> Auth.Auth:
        if isinstance(self._credentials, Token):
            return Auth.Token(self._credentials.value)
        app = self._app(self._credentials)
        integration = self._integration(app)
        try:
            with translated(self.shown, "use the GitHub App", missing="installation of the App"):
                return app.get_installation_auth(self._installation(integration))
        finally:
            integration.close()

    def _installation(self, integration: GithubIntegration) -> int:
        if isinstance(self._credentials, App) and self._credentials.installation_id is not None:
            return self._credentials.installation_id
        owner, _, name = self.repository.partition("/")
        return integration.get_repo_installation(owner, name).id

    def _app(self, credentials: App) -> Auth.AppAuth:
        app = Auth.AppAuth(credentials.app_id, credentials.private_key)
        try:
            app.create_jwt()
        except (PyJWTError, ValueError, TypeError):
            raise CredentialsRefused(
                "CredentialsInvalid",
                f"{self.shown}: `privateKey` in the Plan's Secret is not a PEM private key.",
            ) from None  # what the library says may quote the key
        return app

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

    def _connected(self, auth: Auth.Auth) -> Github:
        return Github(
            auth=auth,
            base_url=self._base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
            per_page=PER_PAGE,
            verify=self._verify,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )


def api_url(host: str) -> str:
    """Return the REST API's address of a host that no setting maps."""
    return "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"


def mint_token(
    *, host: str, repository: str, credentials: Credentials, hosts: Mapping[str, HostSettings]
) -> str:
    """Return a token for git over https: the Secret's own, or a fresh one of the App (valid for an hour).

    Raises:
        ForgeError: the App's credentials are not accepted, or it is not installed for the repository.
    """
    if isinstance(credentials, Token):
        return credentials.value
    connection = Connection(host=host, repository=repository, credentials=credentials, hosts=hosts)
    minted = connection.mint()
    if minted is None:
        raise AssertionError("an App always mints")
    return minted.token
