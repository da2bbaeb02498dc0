"""Starts the test forge: Gitea, the GitHub face in front of it, accounts, an App; and the handle to it.

The same handle serves pytest (`fixtures`) and `make demo-cluster` (`python -m tests.forge`).
Pods and the host reach the forge by different addresses of one port; answers carry the one that was used.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import github
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cluster import toolchain
from tests.cluster.files import write_whole
from tests.forge.face.backend import Gitea, GiteaRefused
from tests.forge.face.repositories import create
from tests.forge.face.server import FaceServer
from tests.forge.face.world import App, Entry, Fault, World
from tests.forge.gitea import Account, GiteaProcess

ADMIN = "forge-admin"
BOT = "resync-bot"
MAINTAINER = "maintainer"
OUTSIDER = "outsider"
APP_BOT = "resync-app"
LOGINS = (ADMIN, BOT, MAINTAINER, OUTSIDER, APP_BOT)
WRITERS = {BOT: "write", APP_BOT: "write", MAINTAINER: "admin"}
APP_ID = 12345


@dataclass(frozen=True, kw_only=True)
class AppCredentials:
    """The test forge's GitHub App, installed for every organization."""

    app_id: int
    private_key: str


@dataclass(kw_only=True)
class TestForge:
    """A running forge.

    Attributes:
        port: where it listens.
        host: the address of this machine's side, see `api_url_at` for pods.
        tokens: login → token: forge-admin, resync-bot and maintainer (both may write to every repository made
            here), outsider (may write to none), resync-app (the App's bot).
        app: the App's credentials.
    """

    __test__ = False  # not a test, whatever its name

    host: str
    port: int
    tokens: Mapping[str, str]
    app: AppCredentials
    world: World
    gitea: GiteaProcess
    server: FaceServer
    _clients: dict[str, github.Github] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        """The REST API's base URL from this machine."""
        return self.api_url_at(self.host)

    @property
    def git_url(self) -> str:
        """What stands in front of `/owner/name.git` from this machine."""
        return self.git_url_at(self.host)

    def api_url_at(self, host: str) -> str:
        """The REST API's base URL for those who reach this machine by another address."""
        return f"{self.git_url_at(host)}/api/v3"

    def git_url_at(self, host: str) -> str:
        """The git base URL for those who reach this machine by another address."""
        return f"http://{host}:{self.port}"

    def push_url(self, full_name: str, login: str) -> str:
        """An address with a person's token in it, for the git of a test that plays that person."""
        return f"http://{login}:{self.tokens[login]}@{self.host}:{self.port}/{full_name}.git"

    def create_repository(
        self,
        full_name: str,
        *,
        private: bool = False,
        collaborators: Mapping[str, str] = WRITERS,
    ) -> None:
        """Make an empty `owner/name`; the owner becomes an organization if nobody has the name."""
        owner, name = full_name.split("/")
        admin = self._admin()
        self.ensure_organization(owner)
        create(admin, f"/orgs/{owner}", name, private=private)
        for login, permission in collaborators.items():
            self.add_collaborator(full_name, login, permission)

    def rename_repository(self, full_name: str, name: str) -> str:
        """Rename a repository; return its new `owner/name`. The old one redirects from then on."""
        made = self._admin().ask("PATCH", f"/repos/{full_name}", body={"name": name})
        self.world.names[made["id"]] = made["full_name"]
        self.world.moved[full_name.lower()] = made["id"]
        return str(made["full_name"])

    def set_merge_methods(self, full_name: str, *, merge: bool) -> None:
        """Allow merge commits in a repository, or only squashes and rebases."""
        body = {
            "has_pull_requests": True,
            "allow_merge_commits": merge,
            "default_merge_style": "squash",
        }
        self._admin().ask("PATCH", f"/repos/{full_name}", body=body)

    def create_fork(
        self, full_name: str, owner: str, *, collaborators: Mapping[str, str] = WRITERS
    ) -> str:
        """Fork a repository into an organization that is there; return the fork's `owner/name`."""
        self.as_user(ADMIN).get_repo(full_name).create_fork(organization=owner)
        fork = f"{owner}/{full_name.partition('/')[2]}"
        for login, permission in collaborators.items():
            self.add_collaborator(fork, login, permission)
        return fork

    def ensure_organization(self, login: str) -> None:
        """Make an organization if there is none of that name."""
        try:
            self._admin().ask("POST", "/orgs", body={"username": login})
        except GiteaRefused as refused:
            if refused.status != 422:
                raise
        self.world.organizations.add(login)

    def add_collaborator(self, full_name: str, login: str, permission: str = "write") -> None:
        """Let a user `read`, `write` or `admin` a repository."""
        path = f"/repos/{full_name}/collaborators/{login}"
        self._admin().ask("PUT", path, body={"permission": permission})

    def create_team(self, organization: str, name: str, members: tuple[str, ...]) -> None:
        """Make a team with write access to the organization's repositories."""
        body = {
            "name": name,
            "permission": "write",
            "includes_all_repositories": True,
            "units": ["repo.code", "repo.issues", "repo.pulls"],
        }
        team = self._admin().ask("POST", f"/orgs/{organization}/teams", body=body)
        for login in members:
            self._admin().ask("PUT", f"/teams/{team['id']}/members/{login}")

    def as_user(self, login: str) -> github.Github:
        """Return a GitHub client for one of the accounts: how a test plays a person."""
        if login not in self._clients:
            self._clients[login] = github.Github(
                auth=github.Auth.Token(self.tokens[login]),
                base_url=self.api_url,
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
        return self._clients[login]

    def fail(self, fault: Fault) -> None:
        """Let the next fitting requests get a fault."""
        self.world.inject(fault)

    def journal(self) -> list[Entry]:
        """Return the REST requests so far, oldest first."""
        return self.world.journal()

    def violations(self) -> list[str]:
        """Return every departure from GitHub's OpenAPI description so far."""
        return self.world.violations()

    def stop(self) -> None:
        """End the face and Gitea."""
        for client in self._clients.values():
            client.close()
        self.server.shutdown()
        self.server.server_close()
        self.gitea.stop()

    def _admin(self) -> Gitea:
        return Gitea.with_token(self.gitea.url, self.tokens[ADMIN])


def start_forge(state: Path, *, listen: str = "127.0.0.1", port: int = 0) -> TestForge:
    """Start a forge on its state folder; one that a killed run left is taken up again.

    Args:
        state: folder for databases and repositories; must not move while it is used.
        listen: address to listen on; `0.0.0.0` for pods.
        port: port to listen on, 0 for a free one.

    Raises:
        GiteaFailed: Gitea did not start, or has no accounts for us.
    """
    binary = toolchain.binary("gitea")
    world = World()
    server = FaceServer((listen, port), world)
    static = [toolchain.folder("gitea", name) for name in ("templates", "options", "public")]
    host = "127.0.0.1" if listen == "0.0.0.0" else listen  # noqa: S104  compared, not bound
    public = f"http://{host}:{server.server_port}"
    gitea = GiteaProcess(state=state, binary=binary, static=static[0].parent, public_url=public)
    try:
        gitea.start()
        accounts = gitea.accounts(LOGINS, administrator=ADMIN)
    except BaseException:  # nothing that was begun stays behind
        gitea.stop()
        server.server_close()
        raise
    app = _app_credentials(state)
    world.open(
        gitea_url=gitea.url,
        admin_token=accounts[ADMIN].token,
        apps=[_app(app, accounts[APP_BOT])],
    )
    admin = Gitea.with_token(gitea.url, accounts[ADMIN].token)
    world.organizations |= {found["name"] for found in admin.every("/orgs")}
    threading.Thread(target=server.serve_forever, name="forge-face", daemon=True).start()
    return TestForge(
        host=host,
        port=server.server_port,
        tokens={login: account.token for login, account in accounts.items()},
        app=app,
        world=world,
        gitea=gitea,
        server=server,
    )


def _app_credentials(state: Path) -> AppCredentials:
    file = state / "app.pem"
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_whole(file, pem.decode(), mode=0o600)
    return AppCredentials(app_id=APP_ID, private_key=file.read_text())


def _app(credentials: AppCredentials, bot: Account) -> App:
    private = serialization.load_pem_private_key(credentials.private_key.encode(), password=None)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return App(
        id=credentials.app_id,
        slug="resync",
        public_key=public.decode(),
        login=bot.login,
        password=bot.password,
    )
