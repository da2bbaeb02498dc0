"""Secrets are cached for a few minutes, so that a change is noticed."""

import base64
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.secrets import SecretMissing, Secrets
from resync_argo.controller.kube.api import Kube, Resource
from resync_argo.controller.kube.errors import NotFound
from resync_argo.forge.credentials import Token
from tests.unit.controller.builders import Clock

KEY = ObjectKey("forks", "github")
FEW_MINUTES = 600.0
SECOND = 1.0


class OneSecret(Kube):
    """An API server with one Secret; `reads` counts requests for it."""

    def __init__(self) -> None:
        super().__init__(client.Configuration())
        self.token: str | None = "first"
        self.version = 1
        self.reads = 0

    def write(self, token: str | None) -> None:
        self.token, self.version = token, self.version + 1

    def get(self, resource: Resource, key: ObjectKey) -> dict[str, Any]:
        self.reads += 1
        if self.token is None:
            raise NotFound(f"There is no {resource.plural} {key}.")
        metadata = {"uid": "uid", "resourceVersion": str(self.version)}
        return {
            "metadata": metadata,
            "data": {"token": base64.b64encode(self.token.encode()).decode()},
        }


@pytest.fixture
def kube() -> OneSecret:
    return OneSecret()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets(kube: OneSecret, clock: Clock, tmp_path: Path) -> Secrets:
    return Secrets(kube, clock, tmp_path)


def seen(secrets: Secrets) -> tuple[object, str, str]:
    return secrets.credentials(KEY), secrets.version([KEY]), secrets.fingerprint(KEY)


def test_a_changed_secret_is_noticed_after_a_few_minutes(
    kube: OneSecret, clock: Clock, secrets: Secrets
) -> None:
    first = seen(secrets)
    kube.write("second")
    clock.now += FEW_MINUTES
    second = seen(secrets)

    assert (first[0], second[0]) == (Token(value="first"), Token(value="second"))
    assert all(before != after for before, after in zip(first, second, strict=True))


def test_a_secret_is_read_once_however_often_it_is_needed(
    kube: OneSecret, clock: Clock, secrets: Secrets
) -> None:
    for _ in range(100):
        seen(secrets)
        clock.now += SECOND

    assert kube.reads == 1


def test_a_deleted_secret_is_noticed_after_a_few_minutes(
    kube: OneSecret, clock: Clock, secrets: Secrets
) -> None:
    seen(secrets)
    kube.write(None)
    clock.now += FEW_MINUTES

    with pytest.raises(SecretMissing, match="There is no Secret github"):
        secrets.credentials(KEY)
    assert secrets.fingerprint(KEY) == ""
