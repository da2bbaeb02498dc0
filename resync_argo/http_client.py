"""The only access to HTTP hosts: everything that requests sends and reads is bounded by its exchange.

Used by `forge` and `notify`, whose libraries send through a session that is `bounded`. Only a name's
look-up has the resolver's limits alone (resolv.conf(5)).
"""

import re
import socket
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from resync_argo.exchange import AnswerTooLarge, watch


def bounded(session: requests.Session) -> requests.Session:
    """Return the session, which from now on sends only within an `exchange`, and each request once."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


def decimal_seconds(text: str | None) -> float | None:
    """Return the seconds in a header such as `Retry-After`; None for any other value."""
    return float(text) if text and re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text) else None


class _Watched(HTTPConnection):
    """A connection that shows its socket to the watch, a new one or one of the pool."""

    def _new_conn(self) -> socket.socket:
        failure = OSError(f"{self.host} has no address")
        host = self._dns_host.strip("[]")
        # One by one, so that many addresses do not multiply the time.
        for *_, address in socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM):
            try:
                made = create_connection(
                    (str(address[0]), self.port),
                    watch().seconds_left(),
                    self.source_address,
                    self.socket_options,
                )
            except OSError as error:
                failure = error
            else:
                watch().add(made)
                return made
        raise failure

    def request(self, *args: Any, **named: Any) -> None:
        if self.sock is not None:
            watch().add(self.sock)
        super().request(*args, **named)


class _WatchedTLS(_Watched, HTTPSConnection):
    """The same, with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


_POOLS = {"http": _Pool, "https": _PoolTLS}


class _Body:
    """The body of an answer, counted while it is unpacked."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def stream(self, *args: Any, **named: Any) -> Iterator[bytes]:
        for piece in self._raw.stream(*args, **named):
            try:
                watch().count(len(piece))
            except AnswerTooLarge:
                self._raw.close()
                raise
            yield piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class _Adapter(HTTPAdapter):
    """The transport of requests."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*args, **named)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def close(self) -> None:
        """Close idle connections now; urllib3 leaves that to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for pool in map(manager.pools.get, manager.pools.keys()):
                pool.close()
        super().close()

    def build_response(self, *args: Any, **named: Any) -> requests.Response:
        response = super().build_response(*args, **named)
        response.raw = _Body(response.raw)
        # JSON is UTF-8 (RFC 8259, 8.1). Guessing takes seconds when the answer is large and binary.
        response.encoding = "utf-8"
        return response
