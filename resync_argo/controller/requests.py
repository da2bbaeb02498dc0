"""What people ask of a Tag, read from its annotations; pure.

They annotate it themselves, and then mean every Plan that wants the Tag, or they comment on a pull
request, and then mean the Plan whose pull request that is (`commands` annotates for them). The retry
annotation holds words such as `retry-5@z-release`, one per Plan that was meant alone; the rest of its
text is what all others are asked. Used by `board`, `tag` and `commands`.
"""

import re

from resync_argo.api.tag import Sync, Tag
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION

ALL = "true"
"""The skip annotation's value for every Plan; others are the names of the Plans that are meant."""

_REBUILD = "rebuild-"
_MEANT = re.compile(r"(?:retry|rebuild)-\d+@(?P<plan>\S+)\Z")


def request_of(tag: Tag, plan: str) -> str | None:
    """Return the request for another try that concerns a Plan: the one for it alone, else for all."""
    words = tag.metadata.annotations.get(RETRY_ANNOTATION, "").split()
    meant = {found["plan"]: word for word in words if (found := _MEANT.match(word))}
    rest = " ".join(word for word in words if not _MEANT.match(word))
    return meant.get(plan) or rest or None


def with_request(tag: Tag, plan: str, request: str) -> str:
    """Return the retry annotation's value with a request for one Plan; the others' stay."""
    words = tag.metadata.annotations.get(RETRY_ANNOTATION, "").split()
    kept = [word for word in words if not ((found := _MEANT.match(word)) and found["plan"] == plan)]
    return " ".join([*kept, f"{request}@{plan}"])


def retry_wanted(tag: Tag, sync: Sync | None) -> bool:
    """Tell whether a person asks for another try that this sync has not heard yet."""
    request = request_of(tag, sync.plan) if sync is not None else None
    return sync is not None and request is not None and request != sync.retry_token


def rebuild_wanted(tag: Tag, sync: Sync | None) -> bool:
    """Tell whether that request is to make the branch anew: heard once, so that later work is safe."""
    request = request_of(tag, sync.plan) if sync is not None else None
    return retry_wanted(tag, sync) and (request or "").startswith(_REBUILD)


def skip_wanted(tag: Tag, plan: str) -> bool:
    """Tell whether a person asks a Plan to leave the Tag out."""
    return bool({ALL, plan} & set(tag.metadata.annotations.get(SKIP_ANNOTATION, "").split()))
