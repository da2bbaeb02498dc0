"""Any answer to an App gives a usable token or one clear sentence, and the App can ask again."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.forge.credentials import App
from resync_argo.forge.github.tokens import AppTokens
from resync_argo.forge.interface import ForgeError
from resync_argo.settings import HostSettings
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import json_values, mutations
from tests.hosts import Asked, Reply, ScriptedHost, scripted

INSTALLATION = {"id": 7}
MINTED = {
    "token": "ghs_of_a_test",
    "expires_at": "2999-01-01T00:00:00Z",
    "permissions": {"contents": "write"},
}


class Answering:
    """A forge that gives an App the test's answers in place of the good ones."""

    def __init__(self) -> None:
        self.host: ScriptedHost
        self.installation: Any = INSTALLATION
        self.minted: Any = MINTED

    def __call__(self, asked: Asked) -> Reply:
        return Reply(body=self.minted if asked.method == "POST" else self.installation)


@pytest.fixture(scope="module")
def here() -> Iterator[Answering]:
    made = Answering()
    with scripted(made) as made.host:
        yield made


@examples(0.3)
@given(
    installation=st.just(INSTALLATION) | mutations(INSTALLATION) | json_values(),
    minted=mutations(MINTED) | json_values(),
)
@example(installation=INSTALLATION, minted=MINTED | {"token": "a\npassword=b"})
@example(installation=INSTALLATION, minted=MINTED | {"expires_at": "0001-01-01T00:00:00"})
@example(installation=INSTALLATION, minted=MINTED | {"expires_at": 10**400})
@example(installation={"id": "7/../../x"}, minted=MINTED)
def test_an_answer_is_a_token_or_one_sentence(
    here: Answering, app: App, installation: Any, minted: Any
) -> None:
    hosts = {"h.test": HostSettings(api_url=f"{here.host.url}/api/v3")}
    tokens = AppTokens(host="h.test", repository="org/down", credentials=app, hosts=hosts)
    here.installation, here.minted = installation, minted
    try:
        token = tokens.token()
    except ForgeError as error:
        assert str(error).isprintable()
        assert "ghs_of_a_test" not in str(error)
    else:
        assert token == minted["token"]
        assert token.split() == [token]

    here.installation, here.minted = INSTALLATION, MINTED
    assert tokens.token()
