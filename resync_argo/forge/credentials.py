"""The forge's credentials as a Secret holds them: a token, or a GitHub App's id and key.

In: a mounted Secret's folder (the attempt) or a Secret's data (the controller). Out: `Token` or
`App`, which `github.client` turns into authenticated requests. They are read at each use, so that a
renewed Secret takes effect. Their values never appear in a `repr`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resync_argo.forge.interface import CredentialsRefused
from resync_argo.reasons.forge import CREDENTIALS_INVALID, CREDENTIALS_MISSING

KEYS = ("token", "appId", "privateKey", "installationId")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A personal access token, classic or fine-grained, or a token minted elsewhere."""

    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class App:
    """A GitHub App; without `installation_id` the repository's installation is looked up."""

    app_id: str
    private_key: str = field(repr=False)
    installation_id: int | None = None


Credentials = Token | App


def from_data(data: Mapping[str, str], *, source: str) -> Credentials:
    """Return the credentials in a Secret's decoded data.

    Args:
        data: keys of the Secret; an App's keys override `token`.
        source: the Secret's name, for errors.

    Raises:
        CredentialsRefused: the keys are missing, empty, or do not look like credentials.
    """
    given = {key: data[key].strip() for key in KEYS if data.get(key, "").strip()}
    if "appId" in given and "privateKey" in given:
        installation = given.get("installationId")
        return App(
            app_id=given["appId"],
            private_key=given["privateKey"],
            installation_id=_installation_id(installation, source) if installation else None,
        )
    if "token" in given:
        return Token(value=_one_word(given["token"], source))
    raise CredentialsRefused(
        CREDENTIALS_MISSING,
        f"{source} needs the key `token`, or `appId` and `privateKey` of a GitHub App.",
    )


def from_directory(directory: Path) -> Credentials:
    """Return the credentials in a mounted Secret: one file per key.

    Raises:
        CredentialsRefused: the files are missing or empty.
    """
    files = {key: directory / key for key in KEYS}
    data = {key: file.read_text() for key, file in files.items() if file.is_file()}
    return from_data(data, source=f"The Secret mounted at {directory}")


def _one_word(token: str, source: str) -> str:
    if not re.fullmatch("[!-~]+", token):
        # A library that finds one in a header would quote the whole header.
        raise CredentialsRefused(
            CREDENTIALS_INVALID, f"{source}: `token` must be one word of ASCII characters."
        )
    return token


def _installation_id(text: str, source: str) -> int:
    if not text.isdecimal():
        raise CredentialsRefused(
            CREDENTIALS_INVALID, f"{source}: `installationId` must be a number."
        )
    return int(text)
