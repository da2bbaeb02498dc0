"""Kubeconfig files: how a program finds the API server and says who it is."""

import base64
from pathlib import Path

import yaml

from tests.cluster.certificates import Authority, Pair


def write_kubeconfig(path: Path, *, server: str, authority: Authority, user: Pair) -> Path:
    """Write a self-contained kubeconfig that only its owner can read.

    Args:
        path: the file.
        server: the API server's URL.
        authority: the one that signed the server's certificate.
        user: the client's certificate.
    """
    cluster = {"server": server, "certificate-authority-data": _encode(authority.certificate)}
    credentials = {
        "client-certificate-data": _encode(user.certificate),
        "client-key-data": _encode(user.key),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "resync", "cluster": cluster}],
        "users": [{"name": "resync", "user": credentials}],
        "contexts": [{"name": "resync", "context": {"cluster": "resync", "user": "resync"}}],
        "current-context": "resync",
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(content))
    return path


def _encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
