"""Carries out what people wrote on a pull request, as if they had annotated the Tag for its Plan.

A command becomes an annotation whose value names the comment, so that it counts once, also after a
restart. Called by `looks`.
"""

import re

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.forge.comments import Command
from resync_argo.controller.kube.api import TAGS
from resync_argo.controller.requests import ALL, request_of, skip_wanted, with_request
from resync_argo.controller.state.objects import keep_tag
from resync_argo.controller.world import World
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION

_TOKEN = re.compile(r"(?:retry|rebuild)-(\d+)(?:@|\Z)")


def annotations_for(tag: Tag, plan: str, command: Command) -> dict[str, str | None]:
    """Return the annotations that carry a command out; none where it was carried out before."""
    heard = _TOKEN.match(request_of(tag, plan) or "")
    if heard is not None and int(heard[1]) >= command.comment:
        return {}
    skipped = tag.metadata.annotations.get(SKIP_ANNOTATION, "").split()
    if command.verb == "skip":
        done = skip_wanted(tag, plan)
        return {} if done else {SKIP_ANNOTATION: " ".join([*skipped, plan])}
    left = " ".join(name for name in skipped if name not in (ALL, plan))
    request = with_request(tag, plan, f"{command.verb}-{command.comment}")
    return {RETRY_ANNOTATION: request, SKIP_ANNOTATION: left or None}


def obey(world: World, tag: Tag, plan: Plan, command: Command) -> None:
    """Annotate the Tag as a command asks; the next pass does the rest.

    Raises:
        ResyncError: the API server refuses it, or somebody changed the Tag meanwhile.
    """
    annotations = annotations_for(tag, plan.metadata.name, command)
    if annotations:
        meta = {"resourceVersion": tag.metadata.resource_version, "annotations": annotations}
        written = world.kube.patch(TAGS, tag.metadata.key, {"metadata": meta})
        world.caches.tags.put(keep_tag(written))
