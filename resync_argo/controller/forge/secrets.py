"""Credentials for the controller's own reads: only the Secrets that Plans name.

A Secret is read with `get` by its exact name when needed, and cached for a few minutes. Secrets are
never listed or watched. Values leave this module only as `Credentials`, as a webhook's key, or as a
file for git's credential helper; never in an error.
"""

import base64
import binascii
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache, TTLCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import SECRETS, Kube
from resync_argo.controller.kube.errors import NotFound
from resync_argo.errors import Stalled
from resync_argo.forge import credentials
from resync_argo.forge.credentials import Credentials
from resync_argo.names import short_hash
from resync_argo.reasons.plan import SECRET_NOT_FOUND

KEEP_SECONDS = 300.0
MAX_SECRETS = 5_000
MAX_TOKENS = 5_000

WEBHOOK_KEY = "webhookSecret"


class SecretMissing(Stalled):
    """The Secret is missing; nothing may be submitted until it exists."""


@dataclass(frozen=True, kw_only=True)
class _Secret:
    data: Mapping[str, str]
    version: str


class Secrets:
    """The Secrets that Plans name; safe to use from many threads."""

    def __init__(self, kube: Kube, clock: Callable[[], float], folder: Path) -> None:
        """Start without any; `clock` gives seconds, token files go into `folder`."""
        self._kube = kube
        self._kept: TTLCache[ObjectKey, _Secret] = TTLCache(
            MAX_SECRETS, ttl=KEEP_SECONDS, timer=clock
        )
        self._files = _TokenFiles(folder)
        self._lock = threading.Lock()

    def data(self, key: ObjectKey) -> Mapping[str, str]:
        """Return a Secret's decoded data.

        Raises:
            SecretMissing: it is missing; the message names it.
        """
        return self._read(key).data

    def version(self, keys: Iterable[ObjectKey]) -> str:
        """Return a text that changes when any of the Secrets is written.

        Raises:
            SecretMissing: one of them is missing.
        """
        return short_hash(*(self._read(key).version for key in keys), length=16)

    def _read(self, key: ObjectKey) -> "_Secret":
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        try:
            found = self._kube.get(SECRETS, key)
        except NotFound:
            self.forget(key)
            raise SecretMissing(SECRET_NOT_FOUND, f"There is no Secret {key.name}.") from None
        read = _Secret(
            data={name: _decoded(value) for name, value in (found.get("data") or {}).items()},
            version=f"{found['metadata']['uid']} {found['metadata']['resourceVersion']}",
        )
        with self._lock:
            self._kept[key] = read
        return read

    def forget(self, key: ObjectKey) -> None:
        """Read the Secret again at the next use."""
        with self._lock:
            self._kept.pop(key, None)

    def credentials(self, key: ObjectKey) -> Credentials:
        """Return the forge's credentials in a Secret.

        Raises:
            Stalled: the Secret or one of its keys is missing; the message names it.
        """
        return credentials.from_data(self.data(key), source=f"Secret {key.name}")

    def fingerprint(self, key: ObjectKey) -> str:
        """Return a hash that changes with the Secret's data; "" if the Secret is missing."""
        try:
            data = self.data(key)
        except SecretMissing:
            return ""
        return short_hash(*(word for item in sorted(data.items()) for word in item), length=16)

    def token_file(self, key: ObjectKey, repository: str, token: str) -> Path:
        """Return a file, readable for this process alone, that holds a token of the Secret.

        An App's tokens differ between repositories.
        """
        with self._lock:
            return self._files.written((key, repository), token)


class _TokenFiles(LRUCache[tuple[ObjectKey, str], Path]):
    """Files with tokens; if there are too many, the least recently used is deleted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(MAX_TOKENS)
        self._folder = folder
        self._made = 0

    def written(self, key: tuple[ObjectKey, str], token: str) -> Path:
        path = self.get(key)
        if path is None:
            self._made += 1
            path = self[key] = self._folder / str(self._made)
        if path.exists() and path.read_text() == token:
            return path
        # Atomically, since git may be reading it in another thread.
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(token)
        new.replace(path)
        return path

    def popitem(self) -> tuple[tuple[ObjectKey, str], Path]:
        """Forget the least recently used file, and delete it."""
        key, path = super().popitem()
        path.unlink(missing_ok=True)
        return key, path


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
