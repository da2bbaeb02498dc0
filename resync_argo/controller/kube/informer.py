"""Keeps a cache in sync with the API server: lists once, then watches for ever.

Follows "API Concepts", "Efficient detection of changes": a paginated list, then a watch with
bookmarks from its resource version, and a new list when that version has expired (410 Gone). A
watch that is silent for longer than the interval of bookmarks is closed, since its connection may
be half-open. Failures are retried with back-off and jitter. One thread per kind; `main` starts
them.

The `kubernetes` package's own SharedInformer is not used: it fails on custom objects, does not
say when it has synced, and reconnects without back-off.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Generic, TypeVar

import urllib3

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import Kube, Resource
from resync_argo.controller.kube.cache import Cache, HasMetadata
from resync_argo.controller.kube.errors import Expired, Unavailable
from resync_argo.controller.kube.queue import back_off
from resync_argo.controller.kube.unreadable import Unreadable
from resync_argo.controller.log_context import about
from resync_argo.errors import ResyncError

LOG = logging.getLogger(__name__)

WATCH_SECONDS = 300
SILENCE_SECONDS = 90.0
"""The API server sends a bookmark about once a minute ("Watch bookmarks")."""

SHORT_SECONDS = 1.0
"""A watch that ended sooner without an event failed, for whatever reason."""

FIRST_RETRY_SECONDS = 0.2
LAST_RETRY_SECONDS = 10.0
_CHUNK = 1 << 16

T = TypeVar("T", bound=HasMetadata)


class Informer(Generic[T]):
    """One kind of object: how to fetch and cache it, and how fresh the cache is."""

    def __init__(
        self,
        kube: Kube,
        resource: Resource,
        cache: Cache[T],
        keep: Callable[[Json], T],
        *,
        namespace: str = "",
        selector: str = "",
    ) -> None:
        """Prepare to follow a kind.

        Args:
            kube: the API server.
            resource: the kind.
            cache: the cache to fill.
            keep: reduces an object for the cache.
            namespace: where; empty means everywhere.
            selector: only objects with these labels.
        """
        self.resource = resource
        self.synced = threading.Event()
        self.silence_seconds = SILENCE_SECONDS
        self._kube = kube
        self._cache = cache
        self._keep = keep
        self._namespace = namespace
        self._selector = selector
        self._stopping = threading.Event()
        self._open: urllib3.BaseHTTPResponse | None = None
        self._alive_at = time.monotonic()
        self._resource_version = ""
        self._has_told = False

    def start(self) -> None:
        """Start following, in a separate thread."""
        threading.Thread(
            target=self.run, name=f"informer-{self.resource.plural}", daemon=True
        ).start()

    def stop(self) -> None:
        """Stop the thread, even during a silent watch."""
        self._stopping.set()
        response = self._open  # The thread may end its watch meanwhile.
        if response is not None:
            response.shutdown()

    def silent_seconds(self) -> float:
        """Return how long ago the API server last proved that the cache is fresh."""
        return time.monotonic() - self._alive_at

    def run(self) -> None:
        """List and watch until stopped; only a watch that delivers events resets the back-off."""
        failures = 0
        while not self._stopping.is_set():
            self._has_told = False
            if self._follow_once():
                failures = 0
                continue
            failures = 1 if self._has_told else failures + 1
            self._stopping.wait(
                back_off(failures, first=FIRST_RETRY_SECONDS, last=LAST_RETRY_SECONDS)
            )

    def _follow_once(self) -> bool:
        try:
            self._follow()
        except Expired:
            LOG.info("listing %s again: the watch has expired", self.resource.plural)
            self._resource_version = ""
            return False
        except ResyncError as error:
            if not self._stopping.is_set():
                LOG.warning("watching %s: %s", self.resource.plural, error)
            return False
        except Exception:
            LOG.exception("watching %s failed", self.resource.plural)
            self._resource_version = ""
            return False
        return True

    def _follow(self) -> None:
        if not self._resource_version:
            self._list()
        self._watch()

    def _list(self) -> None:
        kept: list[T] = []
        unreadable: list[Unreadable] = []
        version = ""
        for items, version in self._kube.pages(  # noqa: B007 - the last page's version counts
            self.resource, self._namespace, selector=self._selector
        ):
            for one in map(self._kept, items):
                if isinstance(one, Unreadable):
                    unreadable.append(one)
                else:
                    kept.append(one)
        self._cache.replace(kept, int(version), unreadable)
        self._resource_version = version
        self._alive_at = time.monotonic()
        self.synced.set()

    def _watch(self) -> None:
        query = {
            "resourceVersion": self._resource_version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
            "labelSelector": self._selector,
        }
        with self._kube.watch(
            self.resource, self._namespace, query, self.silence_seconds
        ) as response:
            self._open = response
            before, began = self._alive_at, time.monotonic()
            self._alive_at = began
            try:
                for event in map(_event, _lines(response)):
                    self._take(event)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                if not self._stopping.is_set():
                    raise Unavailable(f"the connection broke: {error}") from error
            finally:
                self._open = None
        if self._alive_at == began and time.monotonic() - began < SHORT_SECONDS:
            self._alive_at = before
            raise Unavailable("the watch ended at once")

    def _take(self, event: Json) -> None:
        item = event["object"]
        if event["type"] == "ERROR":
            if item.get("code") == HTTPStatus.GONE:
                raise Expired(str(item.get("message", "")))
            raise Unavailable(str(item.get("message", "the watch reported an error")))
        self._alive_at = time.monotonic()
        self._has_told = True
        self._resource_version = item["metadata"]["resourceVersion"]
        if event["type"] == "BOOKMARK":
            return
        meta = item["metadata"]
        key = ObjectKey(meta.get("namespace", ""), meta["name"])
        version, is_there = int(meta["resourceVersion"]), event["type"] != "DELETED"
        if is_there and self._cache.has(key, version):
            return  # This is our own write, so it need not be parsed.
        if not is_there:
            self._cache.drop(key, version)
            return
        kept = self._kept(item)
        if isinstance(kept, Unreadable):
            self._cache.put_unreadable(kept)
        else:
            self._cache.put(kept)

    def _kept(self, item: Json) -> T | Unreadable:
        try:
            return self._keep(item)
        except Exception as error:  # One unreadable object must not stop the others.
            found = Unreadable.of(item, error)
            key = found.metadata.key
            with about(f"{self.resource.plural} {key}", key.namespace):
                LOG.warning("cannot be read: %s", found.why)
            return found


def _event(line: bytes) -> Json:
    """Return a watch's event.

    Raises:
        Unavailable: it is not an event: the connection broke, or a proxy answered.
    """
    try:
        event: Json = json.loads(line)
    except ValueError as error:
        raise Unavailable(f"the watch brought no JSON: {error}") from error
    return event


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    for chunk in response.stream(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
