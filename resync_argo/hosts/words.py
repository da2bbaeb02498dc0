"""Recognizes obstacles that a person has to remove, in a host's refusal (403) by its API or to git.

In: the host's message. Out: the reason and what to do. Sources: GitHub's "Archiving
repositories", "About authentication with single sign-on", "Managing allowed IP addresses", "Troubleshooting
the REST API".
"""

import re
from dataclasses import dataclass

from resync_argo.reasons.forge import (
    ACCOUNT_SUSPENDED,
    ADDRESS_NOT_ALLOWED,
    REPOSITORY_ARCHIVED,
    SINGLE_SIGN_ON_REQUIRED,
)
from resync_argo.reasons.reason import Reason


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """An obstacle.

    Attributes:
        reason: for conditions.
        advice: the obstacle and what to do; the end of a sentence, after a name and a colon.
        wants_address: the host's message has the address at which people can do it.
    """

    reason: Reason
    advice: str
    wants_address: bool = False


_KNOWN = (
    (
        re.compile(r"\barchived\b", re.I),
        Obstacle(
            reason=REPOSITORY_ARCHIVED,
            advice="the repository is archived: unarchive it, or suspend the Plan",
        ),
    ),
    (
        re.compile(r"\bSAML\b|\bSSO\b|single sign-?on", re.I),
        Obstacle(
            reason=SINGLE_SIGN_ON_REQUIRED,
            advice="its organization requires single sign-on: authorize the token for it",
            wants_address=True,
        ),
    ),
    (
        re.compile(r"\bIP allow list\b|\bIP address is not permitted", re.I),
        Obstacle(
            reason=ADDRESS_NOT_ALLOWED,
            advice="its organization does not allow the cluster's address: add it to the IP allow list",
        ),
    ),
    (
        re.compile(r"\bsuspended\b", re.I),
        Obstacle(
            reason=ACCOUNT_SUSPENDED,
            advice="the account or the App's installation is suspended: have it restored, or use another",
        ),
    ),
)


def obstacle_in(words: str) -> Obstacle | None:
    """Return the obstacle that a host's refusal names; None for any other refusal."""
    return next((found for known, found in _KNOWN if known.search(words)), None)


def on_one_line(text: str, *, limit: int) -> str:
    """Return a host's message on one line of printable characters, without the final full stop."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(visible.split())[:limit].rstrip(". ")
