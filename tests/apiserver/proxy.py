"""A TCP proxy that can silence its open connections: the other side seems alive but sends nothing."""

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import yaml


class Proxy:
    """Forwards connections to an API server, until `silence` stops the open ones."""

    def __init__(self, kubeconfig: Path) -> None:
        """Listen for the server that a kubeconfig names."""
        self._config = yaml.safe_load(kubeconfig.read_text())
        address = urlsplit(self._config["clusters"][0]["cluster"]["server"])
        self._target = str(address.hostname), int(address.port or 443)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._silent = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig that goes through the proxy."""
        port = self._listener.getsockname()[1]
        cluster = self._config["clusters"][0]["cluster"]
        cluster["server"] = f"https://127.0.0.1:{port}"
        cluster["tls-server-name"] = self._target[0]
        path = folder / "proxy.kubeconfig"
        path.write_text(yaml.safe_dump(self._config))
        return path

    def silence(self) -> None:
        """Stop forwarding on the open connections; new ones work."""
        self._silent.set()
        self._silent = threading.Event()

    def close(self) -> None:
        """End everything."""
        for one in (self._listener, *self._sockets):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()  # it is away: so are we
                continue
            self._sockets += [client, server]
            for source, target in ((client, server), (server, client)):
                arguments = (source, target, self._silent)
                threading.Thread(target=_forward, args=arguments, daemon=True).start()


def _forward(source: socket.socket, target: socket.socket, silent: threading.Event) -> None:
    try:
        while data := source.recv(1 << 16):
            if silent.is_set():
                return
            target.sendall(data)
        if not silent.is_set():
            target.shutdown(socket.SHUT_WR)
    except OSError:
        return
