"""GitHub Apps: JSON web token → installation → installation token ("Authenticating as a GitHub App").

An App acts through a Gitea user of its own, and its tokens are Gitea tokens of that user. It is
installed for every organization except those in the world's `without_app`. The world decides when a
token expires, and refuses it then in place of Gitea. Tokens are not limited to repositories.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import jwt

from tests.forge.face.backend import Gitea
from tests.forge.face.routing import Answer, Call, Json, Refusal, Routes
from tests.forge.face.world import App

routes = Routes()

LONGEST_JWT_SECONDS = 600 + 60
"""GitHub allows ten minutes, and recommends dating "iat" back by one."""

PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
    "workflows": "write",
}
SCOPES = ["write:repository", "write:issue", "read:user", "read:organization"]


def _app(call: Call) -> App:
    token = call.authorization.partition(" ")[2]
    for app in call.world.apps.values():
        try:
            claims = jwt.decode(
                token,
                app.public_key,
                algorithms=["RS256"],
                options={"require": ["iat", "exp", "iss"], "verify_sub": False},
                leeway=5,
            )
        except jwt.PyJWTError:
            continue
        short = claims["exp"] - claims["iat"] <= LONGEST_JWT_SECONDS
        if str(claims["iss"]) == str(app.id) and short:
            return app
    raise Refusal(401, "A JSON web token could not be decoded")


def _administrator(call: Call) -> Gitea:
    return Gitea.with_token(call.world.gitea_url, call.world.admin_token)


def _installation(call: Call, app: App, account: Json) -> Json:
    number = account["id"] * 1000 + app.id % 1000
    address = f"{call.shapes.api}/app/installations/{number}"
    shaped = {
        "id": number,
        "account": call.shapes.user({**account, "login": account["name"]}),
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": account["id"],
        "target_type": "Organization",
        "repository_selection": "all",
        "permissions": PERMISSIONS,
        "events": ["pull_request"],
        "access_tokens_url": f"{address}/access_tokens",
        "repositories_url": f"{call.shapes.api}/installation/repositories",
        "html_url": f"{call.root}/organizations/{account['name']}/settings/installations/{number}",
    }
    return call.shapes.complete("installation", shaped)


@routes.on("GET", "/app")
def get_app(call: Call) -> Answer:
    """Get the authenticated app."""
    app = _app(call)
    shaped = {
        "id": app.id,
        "slug": app.slug,
        "name": app.slug,
        "external_url": call.root,
        "html_url": f"{call.root}/apps/{app.slug}",
        "permissions": PERMISSIONS,
        "events": ["pull_request"],
    }
    return Answer(body=call.shapes.complete("integration", shaped))


@routes.on("GET", "/app/installations")
def list_installations(call: Call) -> Answer:
    """List installations for the authenticated app."""
    app = _app(call)
    page, headers = call.page_of(list(_installations(call, app)))
    return Answer(body=list(page), headers=headers)


@routes.on("GET", "/repos/{owner}/{name}/installation")
def get_repository_installation(call: Call, owner: str, name: str) -> Answer:
    """Get a repository installation for the authenticated app."""
    app = _app(call)
    _administrator(call).ask("GET", f"/repos/{owner}/{name}")
    return get_organization_installation_of(call, app, owner)


@routes.on("GET", "/orgs/{owner}/installation")
def get_organization_installation(call: Call, owner: str) -> Answer:
    """Get an organization installation for the authenticated app."""
    return get_organization_installation_of(call, _app(call), owner)


def get_organization_installation_of(call: Call, app: App, owner: str) -> Answer:
    """Return the installation in one organization."""
    if owner in call.world.without_app:
        raise Refusal(404, "Not Found")
    account = _administrator(call).ask("GET", f"/orgs/{owner}")
    return Answer(body=_installation(call, app, account))


def _installations(call: Call, app: App) -> Iterator[Json]:
    for account in _administrator(call).every("/orgs"):
        if account["name"] not in call.world.without_app:
            yield _installation(call, app, account)


def _installed(call: Call, app: App, number: str) -> Json:
    for shaped in _installations(call, app):
        if str(shaped["id"]) == number:
            return shaped
    raise Refusal(404, "Not Found")


@routes.on("GET", "/app/installations/{number}")
def get_installation(call: Call, number: str) -> Answer:
    """Get an installation for the authenticated app."""
    return Answer(body=_installed(call, _app(call), number))


@routes.on("POST", "/app/installations/{number}/access_tokens")
def create_installation_token(call: Call, number: str) -> Answer:
    """Create an installation access token for an app."""
    app = _app(call)
    _installed(call, app, number)
    user = Gitea.with_password(call.world.gitea_url, app.login, app.password)
    wanted = {"name": uuid.uuid4().hex, "scopes": SCOPES}
    made = user.ask("POST", f"/users/{app.login}/tokens", body=wanted)
    expires = datetime.fromtimestamp(call.world.let_expire(made["sha1"]), UTC)
    shaped = {
        "token": made["sha1"],
        "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": PERMISSIONS,
        "repository_selection": "all",
    }
    return Answer(status=201, body=call.shapes.complete("installation-token", shaped))
