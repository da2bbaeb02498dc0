"""Carries out what people wrote on a pull request, as if they had annotated the Tag.

A command becomes an annotation whose value names the comment, so that it counts once, also after a
restart. Called by `tag`.
"""

import re

from resync_argo.api.tag import Tag
from resync_argo.controller.comments import Command
from resync_argo.controller.kube import TAGS
from resync_argo.controller.objects import keep_tag
from resync_argo.controller.world import World
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION

_TOKEN = re.compile(r"(?:retry|rebuild)-(\d+)\Z")


def annotations_for(tag: Tag, command: Command) -> dict[str, str | None]:
    """Return the annotations that carry a command out; none where it was carried out before."""
    heard = _TOKEN.match(tag.metadata.annotations.get(RETRY_ANNOTATION, ""))
    if heard is not None and int(heard[1]) >= command.comment:
        return {}
    if command.verb == "skip":
        skipped = tag.metadata.annotations.get(SKIP_ANNOTATION) == "true"
        return {} if skipped else {SKIP_ANNOTATION: "true"}
    token = f"{command.verb}-{command.comment}"
    return {RETRY_ANNOTATION: token, SKIP_ANNOTATION: None}


def is_rebuild(tag: Tag) -> bool:
    """Tell whether the request for another try was to make the branch anew."""
    return tag.metadata.annotations.get(RETRY_ANNOTATION, "").startswith("rebuild-")


def obey(world: World, tag: Tag, command: Command) -> None:
    """Annotate the Tag as a command asks; the next pass does the rest."""
    annotations = annotations_for(tag, command)
    if annotations:
        change = {"metadata": {"annotations": annotations}}
        written = world.kube.patch(TAGS, tag.metadata.key, change)
        world.caches.tags.put(keep_tag(written))
