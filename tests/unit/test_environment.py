"""Settings come from the environment, and an invalid value is one sentence with its variable's name."""

import os

import pytest

from resync_argo.environment import read_settings
from resync_argo.errors import ResyncError
from resync_argo.settings import HostSettings, Settings


def test_variables_become_settings_and_the_rest_keep_their_defaults() -> None:
    hosts = '{"git.example.com": {"apiUrl": "https://api.example.com"}}'
    settings = read_settings({"RESYNC_HOSTS": hosts, "RESYNC_WORKERS": "5", "HOME": "/"})

    expected = {"git.example.com": HostSettings(api_url="https://api.example.com")}
    assert settings == Settings(hosts=expected, workers=5)


def test_every_setting_has_its_variable() -> None:
    given = {
        "str": "text",
        "int": "7",
        "float": "7",
        "bool": "true",
        "dict": '{"git.example.com": {}}',
    }
    values = {name: given[type(value).__name__] for name, value in Settings().model_dump().items()}
    values["max_plan_bytes"] = "8192"  # fewer are refused

    settings = read_settings({f"RESYNC_{name.upper()}": text for name, text in values.items()})

    assert settings == Settings.model_validate(values)
    assert settings.model_fields_set == Settings.model_fields.keys()


def test_only_the_given_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's variables do not count if others are given, nor do any if settings are made by hand."""
    monkeypatch.setenv("RESYNC_WORKERS", "9")

    assert read_settings({}).workers == Settings().workers == 4
    assert read_settings(os.environ).workers == 9


def test_variables_of_others_are_left_alone() -> None:
    environ = {"RESYNC_TAG": "1.21.2", "RESYNC_WORKER": "5", "WORKERS": "6", "NO_PROXY": "a"}

    assert read_settings(environ) == Settings()


@pytest.mark.parametrize("name", ["RESYNC_NAMESPACE", "RESYNC_LEADER_ELECTION_NAMESPACE"])
def test_an_empty_variable_is_an_empty_text(name: str) -> None:
    assert read_settings({name: ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RESYNC_WORKERS", "0", "greater than or equal to 1"),
        ("RESYNC_WORKERS", "many", "valid integer"),
        ("RESYNC_WORKERS", "", "valid integer"),
        ("RESYNC_HOSTS", "", "EOF while parsing"),
        ("RESYNC_HOSTS", '{"a', "EOF while parsing"),
        ("RESYNC_HOSTS", '{"git.example.com": 1}', "dictionary"),
        ("RESYNC_HOSTS", '{"a.b": {"apiURL": "x"}}', r"a\.b\.apiURL: Extra inputs"),
        ("RESYNC_HTTPS_PROXY", "http://user:hidden@proxy:3128", "WorkflowTemplates show it"),
        ("RESYNC_UPSTREAM_POLL_SECONDS", "-1", "greater than 0"),
    ],
)
def test_an_invalid_value_is_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(ResyncError, match=rf"^{name} cannot be used: .*{reason}") as caught:
        read_settings({name: value})

    assert str(caught.value).endswith(".")
    assert "hidden" not in str(caught.value)
