"""Credentials for the controller's own reading: the Secrets that Plans name, and nothing else.

A Secret is read with `get` by its exact name when somebody needs it, and kept for a few minutes;
Secrets are never listed nor watched. Values leave this module only as `Credentials`, as a webhook's
key, or as a file that git's credential helper reads; never in an error.
"""

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import SECRETS, Kube
from resync_argo.controller.kube.errors import NotFound
from resync_argo.errors import Stalled
from resync_argo.forge import credentials
from resync_argo.forge.credentials import Credentials

KEEP_SECONDS = 300.0

WEBHOOK_KEY = "webhookSecret"


class SecretMissing(Stalled):
    """There is no Secret of that name: nothing may be submitted until there is."""


@dataclass(frozen=True)
class _Kept:
    data: Mapping[str, str]
    until: float


class Secrets:
    """The Secrets that Plans name; safe to use from many threads."""

    def __init__(self, kube: Kube, clock: Callable[[], float], folder: Path) -> None:
        """Begin with none; `clock` gives seconds, token files go into `folder`."""
        self._kube = kube
        self._clock = clock
        self._kept: dict[ObjectKey, _Kept] = {}
        self._files: dict[tuple[ObjectKey, str], Path] = {}
        self._folder = folder
        self._lock = threading.Lock()

    def data(self, key: ObjectKey) -> Mapping[str, str]:
        """Return a Secret's decoded data.

        Raises:
            SecretMissing: there is none; says which.
        """
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.until > self._clock():
            return kept.data
        try:
            found = self._kube.get(SECRETS, key)
        except NotFound:
            self.forget(key)
            raise SecretMissing("SecretNotFound", f"There is no Secret {key.name}.") from None
        data = {name: _decoded(value) for name, value in (found.get("data") or {}).items()}
        with self._lock:
            self._kept[key] = _Kept(data, self._clock() + KEEP_SECONDS)
        return data

    def forget(self, key: ObjectKey) -> None:
        """Read the Secret again at the next use."""
        with self._lock:
            self._kept.pop(key, None)

    def credentials(self, key: ObjectKey) -> Credentials:
        """Return the forge's credentials that a Secret holds.

        Raises:
            Stalled: the Secret or one of its keys is missing; says which.
        """
        return credentials.from_data(self.data(key), source=f"Secret {key.name}")

    def token_file(self, key: ObjectKey, repository: str, token: str) -> Path:
        """Return a file, readable for this process alone, that holds a token of the Secret.

        An App's tokens differ from repository to repository. The file is replaced in one act, since a
        git of another thread may be reading it, and only where the token is another one.
        """
        with self._lock:
            name = str(len(self._files))
            path = self._files.setdefault((key, repository), self._folder / name)
            if path.exists() and path.read_text() == token:
                return path
            new = path.with_suffix(".new")
            new.touch(mode=0o600)
            new.write_text(token)
            new.replace(path)
        return path


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
