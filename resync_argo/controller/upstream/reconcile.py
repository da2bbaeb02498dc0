"""One pass over an upstream: asked for its tags, Tags made of its releases, each linked to the next.

One `git ls-remote` per interval serves every Plan of the namespace that reads the upstream with the
same Secret. What was seen is kept in `World.upstreams`; Plans and Tags tell it in their conditions. A
Tag is known by its identity (repository, tag prefix, version), whatever its name; one made by hand is
as good. Called by `workers`.
"""

import random
from collections.abc import Hashable, Iterator
from contextlib import suppress

from semver import Version

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import TAGS, Json
from resync_argo.controller.kube.errors import AlreadyExists
from resync_argo.controller.order.turns import admits
from resync_argo.controller.state.keys import PlanKey, TagKey, UpstreamKey
from resync_argo.controller.state.objects import identity_of, keep_tag
from resync_argo.controller.world import Outcome, UpstreamView, World
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import ObjectNotFound
from resync_argo.git import Remote
from resync_argo.names import API_VERSION, tag_name
from resync_argo.upstream.eligibility import Release, read_releases
from resync_argo.upstream.graph import link_next
from resync_argo.upstream.remote import GitTag, list_tags
from resync_argo.upstream.versions import parse_version

Prefix = str | None


def reconcile_upstream(world: World, key: UpstreamKey) -> Outcome:
    """Look at an upstream if it is time, and make the Tags that its Plans want.

    Raises:
        ResyncError: the API server refused a write.
    """
    plans = world.caches.plans.by("upstream", key)
    if not plans:
        world.upstreams.pop(key, None)
        return Outcome()
    interval = world.settings.upstream_poll_seconds
    view = world.upstreams.get(key)
    if view is None or view.looked_at is None or world.clock() - view.looked_at > interval * 0.8:
        view = _look(world, key, plans)
    if view.looked_at is not None:
        for prefix in {plan.spec.config.upstream.tag_prefix for plan in plans}:
            _ensure_tags(world, plans, prefix, view)
    spread = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
    if view.error:
        return Outcome(failing=True, patience=interval * spread)
    return Outcome(requeue_after=interval * spread)


def look_again(world: World, key: UpstreamKey) -> None:
    """Ask the upstream at the next pass, however short ago it was asked."""
    view = world.upstreams.get(key)
    if view is not None:
        world.upstreams[key] = UpstreamView(tags=view.tags, error=view.error)
    world.queue.add(key)


def _look(world: World, key: UpstreamKey, plans: list[Plan]) -> UpstreamView:
    before = world.upstreams.get(key)
    try:
        tags = {tag.name: tag for tag in list_tags(world.git, _remote(world, plans))}
        view = UpstreamView(tags=tags, looked_at=world.clock())
    except ResyncError as error:
        known = before or UpstreamView(tags={})
        view = UpstreamView(tags=known.tags, error=str(error), looked_at=known.looked_at)
    world.upstreams[key] = view
    if before is None or before.error != view.error:
        for plan in plans:
            world.queue.add(PlanKey(plan.metadata.key))
    if before is None or before.tags != view.tags:
        _tell_tags(world, key, before.tags if before else None, view.tags)
    return view


def _remote(world: World, plans: list[Plan]) -> Remote:
    """Return how to read an upstream: with the token of the first Plan that gets one."""
    for plan in plans[:-1]:
        with suppress(ObjectNotFound):  # the App is not installed on that Plan's downstream
            return world.remotes.upstream(plan)
    return world.remotes.upstream(plans[-1])


def _tell_tags(
    world: World, key: UpstreamKey, before: dict[str, GitTag] | None, after: dict[str, GitTag]
) -> None:
    """Put the Tags into the queue whose upstream tag appeared, moved or vanished."""
    for tag in world.caches.tags.by("repository", (key.namespace, key.repository)):
        name = (tag.spec.ref or "").removeprefix("refs/tags/")
        if before is None or before.get(name) != after.get(name):
            world.queue.add(TagKey(tag.metadata.key))


def _ensure_tags(world: World, plans: list[Plan], prefix: Prefix, view: UpstreamView) -> None:
    following = [plan for plan in plans if plan.spec.config.upstream.tag_prefix == prefix]
    releases = [
        release
        for release in read_releases(view.tags.values(), prefix).releases
        if any(admits(plan, str(release.version)) for plan in following)
    ]
    place = following[0].metadata.namespace, following[0].spec.config.upstream.name
    known = {
        tag.version: tag
        for tag in world.caches.tags.by("repository", place)
        if tag.spec.tag_prefix == prefix
    }
    following_version = link_next(_versions([*known, *(str(r.version) for r in releases)]))
    for release in releases:
        version = str(release.version)
        wanted = _spec(place[1], prefix, release, following_version.get(version))
        if version in known:
            _complete(world, known[version], wanted)
        else:
            _create(world, place[0], wanted)
    for version in known.keys() - {str(r.version) for r in releases}:
        _complete(world, known[version], {"next": following_version.get(version)})


def _versions(texts: list[str]) -> Iterator[Version]:
    for text in dict.fromkeys(texts):
        version = parse_version(text)
        if isinstance(version, Version):
            yield version


def _spec(repository: str, prefix: Prefix, release: Release, following: str | None) -> Json:
    spec = {
        "repository": repository,
        "version": str(release.version),
        "tagPrefix": prefix,
        "ref": release.tag.ref,
        "commit": release.tag.commit,
        "next": following,
    }
    return {name: value for name, value in spec.items() if value is not None}


def _complete(world: World, tag: Tag, wanted: Json) -> None:
    """Fill in what a Tag lacks; a commit that is there is never changed."""
    change: Json = {}
    if tag.spec.next != wanted.get("next"):
        change["next"] = wanted.get("next")
    if tag.spec.commit is None and tag.spec.ref in (None, wanted.get("ref")) and "commit" in wanted:
        change |= {"ref": wanted["ref"], "commit": wanted["commit"]}
    if not change:
        return
    guard = {"resourceVersion": tag.metadata.resource_version}
    written = world.kube.patch(TAGS, tag.metadata.key, {"metadata": guard, "spec": change})
    world.caches.tags.put(keep_tag(written))


def _create(world: World, namespace: str, spec: Json) -> None:
    """Create a Tag; another release's Tag under its plain name gives it the name with a hash."""
    for taken in (False, True):
        name = tag_name(
            spec["repository"], spec["version"], prefix=spec.get("tagPrefix", ""), taken=taken
        )
        manifest = {
            "apiVersion": API_VERSION,
            "kind": "Tag",
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }
        try:
            made = keep_tag(world.kube.create(TAGS, manifest))
        except AlreadyExists:
            made = keep_tag(world.kube.get(TAGS, ObjectKey(namespace, name)))
        world.caches.tags.put(made)
        if identity_of(made) == _identity(namespace, spec):
            return


def _identity(namespace: str, spec: Json) -> Hashable:
    return namespace, spec["repository"], spec.get("tagPrefix"), spec["version"]
