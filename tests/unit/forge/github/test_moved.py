"""A redirect of the API names a repository by name or number, or leads elsewhere."""

import pytest

from resync_argo.forge.github.moved import moved

BASE = "https://ghe.example.com/api/v3"


@pytest.mark.parametrize(
    ("location", "by_id", "name"),
    [
        (f"{BASE}/repositories/42/pulls?head=a%3Ab", "/repositories/42", None),
        ("/api/v3/repositories/42", "/repositories/42", None),
        (f"{BASE}/repos/new/name/pulls", None, "new/name"),
        (f"{BASE}/repositories/42x", None, None),
        ("https://elsewhere.example.com/api/v3/repositories/42", None, None),
        ("http://ghe.example.com/api/v3/repositories/42", None, None),
        ("https://ghe.example.com/login", None, None),
        ("", None, None),
    ],
    ids=["number", "relative", "name", "no number", "other host", "other scheme", "login", "none"],
)
def test_a_redirect_only_names_a_repository_of_the_same_api(
    location: str, by_id: str | None, name: str | None
) -> None:
    found = moved(BASE, location)

    assert (found.by_id, found.name) == (by_id, name)
    assert found.is_repository is bool(by_id or name)
