"""Reconciles an upstream: creates a Tag for each release that a Plan wants, linked to the next.

Repository, naming scheme and version identify a Tag, whatever its name, so a person's Tag is just
as good. A Tag that the API server refuses does not block the others.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from resync_argo.api.conditions import Condition, find
from resync_argo.api.meta import Json, ObjectKey
from resync_argo.api.naming import Naming
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import TAGS
from resync_argo.controller.kube.errors import AlreadyExists, Forbidden
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import BranchKey, PlanKey, TagKey, UpstreamKey, branch_key
from resync_argo.controller.state.objects import identity_of, keep_tag
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.controller.upstream.branches import Due, find_due
from resync_argo.controller.upstream.tag import observe_upstream
from resync_argo.controller.upstream.upstreams import GitTags, Upstreams
from resync_argo.errors import ResyncError, Stalled
from resync_argo.names import API_VERSION, tag_name
from resync_argo.reasons import sections as at
from resync_argo.reasons.cluster import UNREADABLE
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.eligibility import Release, read_releases
from resync_argo.upstream.graph import link_next
from resync_argo.upstream.versions import Version, parse_version


@dataclass(frozen=True, kw_only=True)
class UpstreamReconciler:
    """Reconciles the Tags of upstreams."""

    cluster: Cluster
    tenants: Tenants
    upstreams: Upstreams
    turns: Turns

    def reconcile(self, key: UpstreamKey) -> Outcome:
        """Create the Tags that an upstream's Plans want, from its last read.

        Raises:
            ResyncError: the API server refused a write.
        """
        found = self.cluster.caches.plans.by("upstream", key)
        plans = [plan for plan in found if self.tenants.has_place_for(plan)]
        if not plans:
            self.forget(key)
            return Outcome()
        seen = self.upstreams.ask(key, plans)
        if seen is None or seen.value is None:
            return Outcome()
        self._look_at_moved(key, seen.value.tags)
        errors: list[ResyncError] = []
        waits: list[float] = []
        for naming in {plan.spec.config.upstream.naming for plan in plans}:
            following = [p for p in plans if p.spec.config.upstream.naming == naming]
            tags = seen.value.tags
            if naming.branch is not None:
                due = self._due(following, naming, seen.value.tips.get(naming.branch))
                tags, wait = due.tags, due.wait
                waits += [wait] if wait is not None else []
            refused = dict(self._ensure_tags(following, naming, tags))
            self._tell(following, refused)
            errors += refused.values()
        self.upstreams.mark_complete(key, seen.value)
        self._decide_again({branch_key(plan) for plan in plans})
        if errors:
            raise errors[0]
        return Outcome(requeue_after=min(waits, default=None))

    def _due(self, plans: list[Plan], naming: Naming, tip: Tip | None) -> Due:
        place = plans[0].metadata.namespace, plans[0].spec.config.upstream.name
        there = self.cluster.caches.tags.by("repository", place)
        known = [tag for tag in there if tag.spec.naming == naming]
        every = [plan.spec.config.upstream.interval for plan in plans]
        return find_due(tip, known, every, self.cluster.now())

    def _tell(self, plans: list[Plan], refused: Mapping[str, ResyncError]) -> None:
        """Report to each Plan which of its wanted Tags were refused; `refused` is by version."""
        for plan in plans:
            own = {v: error for v, error in refused.items() if self.turns.ranges.admits(plan, v)}
            if self.cluster.refusals.replace(plan.metadata.key, "Tag", own):
                self.cluster.queue.add(PlanKey(plan.metadata.key))

    def forget(self, key: UpstreamKey) -> None:
        """Stop reading an upstream."""
        self.upstreams.forget(key)

    def _decide_again(self, branches: set[BranchKey]) -> None:
        # Branches that were decided while Tags were still being created wait for the rest of them.
        for branch in branches:
            self.turns.mark(branch)
            self.cluster.queue.add(branch, urgent=True)

    def _look_at_moved(self, key: UpstreamKey, tags: GitTags) -> None:
        """Queue the Tags whose upstream tag moved, vanished or came back."""
        for tag in self.cluster.caches.tags.by("repository", (key.namespace, key.repository)):
            said = find(tag.status.conditions, at.UPSTREAM_UNCHANGED)
            if _sentence(said) != _sentence(observe_upstream(tag, tags)):
                self.cluster.queue.add(TagKey(tag.metadata.key))

    def _ensure_tags(
        self, plans: list[Plan], naming: Naming, tags: GitTags
    ) -> Iterator[tuple[str, ResyncError]]:
        """Create or complete the Tags of one naming scheme; yield the versions of refused ones."""
        releases = self._wanted(plans, tags)
        place = plans[0].metadata.namespace, plans[0].spec.config.upstream.name
        known = {
            tag.version: tag
            for tag in self.cluster.caches.tags.by("repository", place)
            if tag.spec.naming == naming
        }
        following = link_next(_versions([*known, *releases]))
        for version, release in releases.items():
            spec = _spec(place[1], naming, release, following.get(version))
            try:
                if version in known:
                    self._complete(known[version], spec)
                else:
                    self._create(place[0], spec)
            except (Stalled, Forbidden) as error:
                yield version, error
        for version in known.keys() - releases.keys():
            self._complete(known[version], {"next": following.get(version)})

    def _wanted(self, plans: list[Plan], tags: GitTags) -> dict[str, Release]:
        """Return the releases that Plans want, by version; each Plan's scheme parses them."""
        found: dict[str, Release] = {}
        schemes = {plan.metadata.key: self.turns.ranges.scheme(plan) for plan in plans}
        for scheme in {it for it in schemes.values() if it is not None}:
            following = [plan for plan in plans if schemes[plan.metadata.key] == scheme]
            for release in read_releases(tags.values(), scheme).releases:
                version = str(release.version)
                if any(self.turns.ranges.admits(plan, version) for plan in following):
                    found.setdefault(version, release)
        return found

    def _complete(self, tag: Tag, wanted: Json) -> None:
        """Fill in a Tag's missing fields; an existing commit is never changed."""
        change: Json = {}
        if tag.spec.next != wanted.get("next"):
            change["next"] = wanted.get("next")
        lacks_commit = tag.spec.commit is None and tag.spec.ref in (None, wanted.get("ref"))
        if lacks_commit and "commit" in wanted:
            change |= {"ref": wanted["ref"], "commit": wanted["commit"]}
        if not change:
            return
        guard = {"resourceVersion": tag.metadata.resource_version}
        written = self.cluster.kube.patch(
            TAGS, tag.metadata.key, {"metadata": guard, "spec": change}
        )
        self.cluster.caches.tags.put(keep_tag(written))

    def _create(self, namespace: str, spec: Json) -> None:
        """Create a Tag; if another release's Tag has its plain name, add a hash to the name."""
        for taken in (False, True):
            name = tag_name(
                spec["repository"], spec["version"], naming=str(_naming(spec)), taken=taken
            )
            manifest = {
                "apiVersion": API_VERSION,
                "kind": "Tag",
                "metadata": {"name": name, "namespace": namespace},
                "spec": spec,
            }
            try:
                made, ours = keep_tag(self.cluster.kube.create(TAGS, manifest)), True
            except AlreadyExists:
                self._refuse_unreadable(ObjectKey(namespace, name))
                made = keep_tag(self.cluster.kube.get(TAGS, ObjectKey(namespace, name)))
                ours = False
            self.cluster.caches.tags.put(made, ours=ours)
            if identity_of(made) == _identity(namespace, spec):
                return

    def _refuse_unreadable(self, key: ObjectKey) -> None:
        """Skip a Tag that cannot be read; its release is unknown."""
        found = self.cluster.caches.tags.unreadable(key)
        if found is not None:
            raise Stalled(UNREADABLE, f"The Tag {key.name} cannot be read: {found.why}")


def _sentence(condition: Condition | None) -> str:
    return condition.message if condition is not None else ""


def _versions(texts: list[str]) -> Iterator[Version]:
    for text in dict.fromkeys(texts):
        version = parse_version(text)
        if isinstance(version, Version):
            yield version


def _spec(repository: str, naming: Naming, release: Release, following: str | None) -> Json:
    spec = {
        "repository": repository,
        "version": str(release.version),
        "tagPrefix": naming.tag_prefix,
        "versionPattern": naming.version_pattern,
        "branch": naming.branch,
        "ref": release.tag.ref,
        "commit": release.tag.commit,
        "next": following,
    }
    return {name: value for name, value in spec.items() if value is not None}


def _identity(namespace: str, spec: Json) -> Hashable:
    return namespace, spec["repository"], _naming(spec), spec["version"]


def _naming(spec: Json) -> Naming:
    return Naming(spec.get("tagPrefix"), spec.get("versionPattern"), spec.get("branch"))
