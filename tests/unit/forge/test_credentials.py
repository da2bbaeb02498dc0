from pathlib import Path

import pytest

from resync_argo.forge.credentials import App, Token, from_data, from_directory
from resync_argo.forge.github.requester import api_url
from resync_argo.forge.interface import CredentialsRefused


def test_a_tokens_line_end_is_dropped() -> None:
    assert from_data({"token": "abc\n"}, source="Secret s") == Token(value="abc")


def test_an_app_overrides_a_token() -> None:
    data = {"token": "abc", "appId": "12", "privateKey": "key", "installationId": "34"}

    assert from_data(data, source="s") == App(app_id="12", private_key="key", installation_id=34)


@pytest.mark.parametrize("data", [{}, {"token": " \n"}, {"appId": "12"}, {"privateKey": "key"}])
def test_missing_keys_are_named(data: dict[str, str]) -> None:
    with pytest.raises(CredentialsRefused, match="Secret s needs the key `token`, or `appId`"):
        from_data(data, source="Secret s")


def test_an_installation_id_that_is_not_a_number_is_refused() -> None:
    data = {"appId": "12", "privateKey": "key", "installationId": "mine"}

    with pytest.raises(CredentialsRefused, match="must be a number"):
        from_data(data, source="Secret s")


@pytest.mark.parametrize("token", ["ghp\n1", "ghp 1", "ghp\t1", "ghp\u20261"])
def test_a_token_that_no_header_can_hold_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(CredentialsRefused, match="must be one word") as refused:
        from_data({"token": token}, source="Secret s")

    assert "ghp" not in str(refused.value)


def test_a_mounted_secret_is_read(tmp_path: Path) -> None:
    (tmp_path / "appId").write_text("12")
    (tmp_path / "privateKey").write_text("key\n")
    (tmp_path / "webhookSecret").write_text("unrelated")

    assert from_directory(tmp_path) == App(app_id="12", private_key="key")


def test_a_repr_shows_nothing_secret() -> None:
    shown = repr([Token(value="hidden"), App(app_id="12", private_key="hidden")])

    assert "hidden" not in shown


def test_github_and_enterprise_servers_have_their_own_addresses() -> None:
    assert api_url("github.com") == "https://api.github.com"
    assert api_url("ghe.example.com") == "https://ghe.example.com/api/v3"
