"""Settings from the environment: every value that cannot be used is one sentence with its variable's name."""

import pytest

from resync_argo.errors import ResyncError
from resync_argo.settings import HostSettings, Settings


def test_variables_become_settings_and_the_rest_stay_as_they_are() -> None:
    hosts = '{"git.example.com": {"apiUrl": "https://api.example.com"}}'
    settings = Settings.from_environment(
        {"RESYNC_HOSTS": hosts, "RESYNC_WORKERS": "5", "HOME": "/"}
    )

    expected = {"git.example.com": HostSettings(api_url="https://api.example.com")}
    assert settings == Settings(hosts=expected, workers=5)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RESYNC_WORKERS", "0", "greater than or equal to 1"),
        ("RESYNC_WORKERS", "many", "valid integer"),
        ("RESYNC_HOSTS", '{"a', "EOF while parsing"),
        ("RESYNC_HOSTS", '{"git.example.com": 1}', "dictionary"),
        ("RESYNC_HOSTS", '{"a.b": {"apiURL": "x"}}', r"a\.b\.apiURL: Extra inputs"),
        ("RESYNC_HTTPS_PROXY", "http://user:hidden@proxy:3128", "WorkflowTemplates show it"),
        ("RESYNC_UPSTREAM_POLL_SECONDS", "-1", "greater than 0"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(ResyncError, match=rf"^{name} cannot be used: .*{reason}") as caught:
        Settings.from_environment({name: value})

    assert str(caught.value).endswith(".")
    assert "hidden" not in str(caught.value)
