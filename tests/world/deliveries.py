"""Webhook deliveries as GitHub makes them, sent by whoever knows the key or guesses one."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import requests

KEY = "hook"
"""What a world's Secret holds as `webhookSecret`."""


def news_of(repository: str, number: int, branch: str, **changes: object) -> dict[str, Any]:
    """Return the payload of the event `pull_request`, as far as it is read.

    Args:
        repository: `owner/name`.
        number: of the pull request.
        branch: its head.
        changes: more of the payload, such as `action`.
    """
    pull = {"number": number, "merged": True, "head": {"ref": branch}}
    named = {"repository": {"full_name": repository}, "pull_request": pull}
    return {"action": "closed", **named, **changes}


def deliver(address: str, payload: Mapping[str, Any], *, key: str = KEY) -> int:
    """Deliver a payload to a controller; return the status that it answers with."""
    body = json.dumps(payload).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Event": "pull_request"}
    url = f"{address}/webhooks/github"
    return requests.post(url, data=body, headers=headers, timeout=10).status_code
