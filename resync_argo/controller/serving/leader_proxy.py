"""Forwards a webhook to the leader: a Service distributes deliveries among all replicas.

In: a delivery with a valid signature, and the leader's address from the Lease. Out: the leader's
answer. If forwarding fails, the forge gets an error, and the leader's next poll finds the change.
"""

from contextlib import closing
from http.client import HTTPConnection, HTTPException

from resync_argo.controller.serving.web import Answer, Environ

SECONDS = 5.0
_MAX_ANSWER = 4096
_HEADERS = {
    "HTTP_X_HUB_SIGNATURE_256": "X-Hub-Signature-256",
    "HTTP_X_GITHUB_EVENT": "X-GitHub-Event",
}


def hand_on(address: str, path: str, body: bytes, environ: Environ) -> Answer:
    """Forward a delivery to the same path at `host:port`."""
    headers = {name: str(environ[key]) for key, name in _HEADERS.items() if key in environ}
    try:
        with closing(HTTPConnection(address, timeout=SECONDS)) as connection:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            status = f"{answer.status} {answer.reason}"
            return Answer(status=status, body=answer.read(_MAX_ANSWER))
    except (OSError, HTTPException):
        return Answer(status="503 Service Unavailable", body=b"the leader does not answer\n")
