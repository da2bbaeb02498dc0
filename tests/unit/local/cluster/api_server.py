"""An API server in memory for a laptop's requests: lists, merge patches and applies."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

from kubernetes import client

from resync_argo.controller.kube.api import Kube
from resync_argo.local.cluster.view import View


class _Handler(BaseHTTPRequestHandler):
    objects: ClassVar[dict[str, list[Any]]]
    patches: ClassVar[list[tuple[str, Any]]]

    def do_GET(self) -> None:
        items = self.objects[urlsplit(self.path).path.rpartition("/")[2]]
        self._answer({"metadata": {"resourceVersion": "1"}, "items": items})

    def do_PATCH(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        change = json.loads(body)
        place = urlsplit(self.path).path.rpartition("/namespaces/")[2]
        self.patches.append((place, change["spec"]))
        self._answer({})

    def _answer(self, body: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@contextmanager
def serving(view: View) -> Iterator[tuple[Kube, list[tuple[str, Any]]]]:
    """Serve a cluster; yield a connection, and the writes: path and spec of each object."""

    class Handler(_Handler):
        objects: ClassVar[dict[str, list[Any]]] = {
            "plans": [plan.dump() for plan in view.plans],
            "tags": [tag.dump() for tag in view.tags],
            "syncs": [sync.dump() for sync in view.syncs],
        }
        patches: ClassVar[list[tuple[str, Any]]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    configuration = client.Configuration()
    configuration.host = f"http://127.0.0.1:{server.server_address[1]}"
    yield Kube(configuration), Handler.patches
    server.shutdown()
    server.server_close()
    thread.join()
