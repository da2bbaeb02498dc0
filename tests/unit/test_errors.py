"""Every error has a reason for people, which also says who must act."""

import pytest

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.git import GitError
from resync_argo.notify.interface import NotificationDelayed, NotificationRefused
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.chat import SLACK_REFUSED
from resync_argo.reasons.plan import INVALID_RANGE
from resync_argo.reasons.reason import Kind

CASES = [
    (ResyncError("-"), "InternalError", Kind.OURS),
    (GitError(["fetch"], 1, "-"), "GitError", Kind.OURS),
    (Transient("-"), "Unreachable", Kind.PASSING),
    (NotificationDelayed("-"), "NotificationDelayed", Kind.PASSING),
    (Stalled(INVALID_RANGE, "-"), "InvalidRange", Kind.PERSON),
    (NotificationRefused(SLACK_REFUSED, "-"), "SlackRefused", Kind.PERSON),
]


@pytest.mark.parametrize(("error", "word", "kind"), CASES, ids=[word for _, word, _ in CASES])
def test_an_errors_reason_says_who_must_act(error: ResyncError, word: str, kind: Kind) -> None:
    assert (error.reason, REASONS[error.reason].kind) == (word, kind)
