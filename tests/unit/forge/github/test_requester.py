"""The API's default address for each kind of host."""

import pytest

from resync_argo.forge.github.requester import api_url


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("github.com", "https://api.github.com"),
        ("octocorp.ghe.com", "https://api.octocorp.ghe.com"),
        ("git.example.com", "https://git.example.com/api/v3"),
        ("ghe.com.example.com", "https://ghe.com.example.com/api/v3"),
    ],
)
def test_each_kind_of_host_has_its_own_default_address(host: str, expected: str) -> None:
    assert api_url(host) == expected
