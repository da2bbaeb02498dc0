"""A small cluster as a laptop sees it: a Plan, the Tags of its upstream, and some Syncs."""

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.local.cluster.view import View

UPSTREAM = "github.com/kubernetes/kubernetes"


def plan(
    name: str = "z-release", *, ready: bool = True, age: str | None = None, **spec: object
) -> Plan:
    """Return a Plan that wants all releases below 1.21.10, of a minimum age."""
    condition = {
        "type": "Ready",
        "status": "True" if ready else "False",
        "reason": "Ready",
        "observedGeneration": 1,
    }
    config = {
        "upstream": {"name": UPSTREAM, "matchedVersions": ["<1.21.10"], "minimumAge": age},
        "downstream": {"name": "github.com/openshift/kubernetes", "branch": "release"},
        "image": "registry.test/steps:1",
    }
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", "generation": 1}
    return Plan.parse(
        {
            "metadata": metadata,
            "spec": {"config": config, "steps": [{"run": "true"}], **spec},
            "status": {"conditions": [condition]},
        }
    )


def tag(version: str, phase: str | None = None, *, made: str | None = None, **spec: object) -> Tag:
    """Return a release; its own status repeats the phase of its newest Sync."""
    name = f"kubernetes-{version}"
    return Tag.parse(
        {
            "metadata": {
                "name": name,
                "namespace": "default",
                "uid": f"uid-{name}",
                "creationTimestamp": made,
            },
            "spec": {"repository": UPSTREAM, "version": version, **spec},
            "status": {"phase": phase},
        }
    )


def sync(version: str, **status: object) -> Sync:
    """Return the Sync of a release, begun at nine."""
    tag_name = f"kubernetes-{version}"
    known = {"startTime": "2026-01-01T09:00:00Z", "version": version, "tagUid": f"uid-{tag_name}"}
    return Sync.parse(
        {
            "metadata": {"name": f"z-release.{tag_name}", "namespace": "default"},
            "spec": {"plan": "z-release", "tag": tag_name},
            "status": {**known, **status},
        }
    )


TAGS = (
    tag("1.21.10"),
    tag("1.21.3"),
    tag("1.21.1", "Finished"),
    tag("1.21.2", "Conflict"),
)
SYNCS = (
    sync("1.21.1", phase="Finished", pullRequest="https://forge.test/pull/1", merged=True),
    sync(
        "1.21.2",
        phase="Conflict",
        conflict={"pullRequest": "https://forge.test/pull/2", "files": ["a", "b"]},
    ),
)
VIEW = View(plans=(plan(),), tags=TAGS, syncs=SYNCS)
