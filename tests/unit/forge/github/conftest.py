"""Fixtures for several tests of GitHub's client."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from resync_argo.forge.credentials import App


@pytest.fixture(scope="module")
def app() -> App:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return App(app_id="1", private_key=text.decode())
