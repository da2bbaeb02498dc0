"""Plans, Tags and Syncs in which everything is that the page shows: as manifests, and as caches hold them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from resync_argo.api.meta import Json
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.page.library import Library
from resync_argo.controller.state.objects import Caches, keep_plan, keep_sync, keep_tag
from resync_argo.names import API_VERSION, sync_name

NOW = datetime.fromisoformat("2026-12-01T10:42:07Z")
KUBERNETES, EXPORTER = "github.com/kubernetes/kubernetes", "github.com/prometheus/node_exporter"
NAMESPACE = "forks"
EVIL = '"><script>alert(1)</script>'
ATTRIBUTE = "' onmouseover='alert(1)"
GOOD = {"type": "Ready", "status": "True", "reason": "Ready"}
READ = {"type": "UpstreamReachable", "status": "True", "reason": "Reachable"}


@dataclass
class Sample:
    """A cluster that is being made, at a time."""

    namespace: str = NAMESPACE
    now: datetime = NOW
    plans: list[Json] = field(default_factory=list)
    tags: list[Json] = field(default_factory=list)
    syncs: list[Json] = field(default_factory=list)

    def ago(self, **before: float) -> str:
        """Return a time that was so long before the present."""
        return (self.now - timedelta(**before)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def plan(self, name: str, upstream: str, branch: str, **changes: Any) -> None:
        """Make a Plan; `config` and `status` add to what is usual, `spec` to its spec."""
        config = {
            "upstream": {"name": upstream, "matchedVersions": ["*"]},
            "downstream": {"name": f"github.com/openshift/{upstream.rpartition('/')[2]}"},
            "image": "registry.test/steps:1",
        }
        config["downstream"]["branch"] = branch  # type: ignore[index]  # a mapping in this case
        conditions = [
            {"lastTransitionTime": self.ago(days=40), "observedGeneration": 1, "message": ""} | it
            for it in changes.get("conditions", [GOOD, READ])
        ]
        spec = {"config": config | changes.get("config", {}), "steps": [{"run": "true"}]}
        status = {"observedGeneration": 1, "conditions": conditions, **changes.get("status", {})}
        self.plans.append(self._object("Plan", name, spec | changes.get("spec", {}), status))

    def tag(self, upstream: str, version: str, days: float = 1, **spec: Any) -> None:
        """Make a Tag that was first seen so many days ago."""
        name = f"{upstream.rpartition('/')[2]}-{version}".replace("_", "-").lower()
        known = {"repository": upstream, "version": version, "ref": f"refs/tags/v{version}"}
        made = self._object("Tag", name, known | spec, {})
        made["metadata"]["creationTimestamp"] = self.ago(days=days)
        self.tags.append(made)

    def sync(self, plan: str, tag: str, phase: str, reason: str, **status: Any) -> None:
        """Make the Sync of a release, by the names of Plan and Tag."""
        name = sync_name(plan, tag)
        known = {"version": tag.rpartition("-")[2], "phase": phase, "reason": reason}
        made = self._object("Sync", name, {"plan": plan, "tag": tag}, known | status)
        made["metadata"]["creationTimestamp"] = status.get("startTime", self.ago(hours=1))
        self.syncs.append(made)

    def _object(self, kind: str, name: str, spec: Json, status: Json) -> Json:
        metadata = {
            "name": name,
            "namespace": self.namespace,
            "uid": f"uid-of-{name}",
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": self.ago(days=60),
        }
        return {
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": metadata,
            "spec": spec,
            "status": status,
        }


def everything(namespace: str = NAMESPACE, now: datetime = NOW) -> Sample:
    """Return a cluster in which something is in each state."""
    made = Sample(namespace=namespace, now=now)
    _kubernetes(made)
    _exporter(made)
    _etcd(made)
    return made


def hostile() -> Sample:
    """Return a cluster in which everything that people write is written to do harm."""
    made = Sample(namespace="ns")
    repository = f"evil.example.com/{EVIL}/{ATTRIBUTE}"
    conditions = [
        {"type": EVIL, "status": "False", "reason": EVIL, "message": f"`{EVIL}` {ATTRIBUTE}"},
        {"type": "Ready", "status": "False", "reason": EVIL, "message": ATTRIBUTE},
    ]
    coming = {"version": EVIL, "reason": EVIL, "message": EVIL, "dueTime": None}
    made.plan(
        *("p", repository, EVIL),
        conditions=conditions,
        status={"next": coming, "pending": 2, "current": EVIL},
        spec={"suspend": True, "suspendReason": EVIL},
        config={"image": EVIL},
    )
    made.tag(repository, "1.0.0", ref=EVIL, commit=ATTRIBUTE, next=EVIL)
    made.tags[0]["metadata"]["name"] = "t"
    address = {"pullRequest": "javascript:alert(1)", "number": 1}
    known = {"message": EVIL, "workflow": f"{ATTRIBUTE}/../x", "version": EVIL}
    conflict = address | {"files": [EVIL, ATTRIBUTE, "a\u202egpj.exe"], "upstreamAuthors": [EVIL]}
    made.sync("p", "t", "Conflict", EVIL, conflict=conflict, **known)
    for number, phase in enumerate(("Failed", "Skipped", "Running")):
        made.sync("p", f"t{number}", phase, ATTRIBUTE, **address, **known)
    return made


def caches_of(sample: Sample) -> Caches:
    """Return caches as informers fill them."""
    caches = Caches()
    for plan in sample.plans:
        caches.plans.put(keep_plan(_copy(plan)))
    for tag in sample.tags:
        caches.tags.put(keep_tag(_copy(tag)))
    for sync in sample.syncs:
        caches.syncs.put(keep_sync(_copy(sync)))
    return caches


def library_of(sample: Sample, **known: Any) -> Library:
    """Return what a page reads."""
    facts: dict[str, Any] = {
        "now": lambda: sample.ago(seconds=0),
        "runs_url": lambda namespace: f"https://argo.example.com/workflows/{namespace}",
        "cluster_seconds": lambda: 12.0,
        "upstream_seconds": lambda _plan: 95.0,
        "reads": lambda: True,
    }
    return Library(caches=caches_of(sample), ranges=Ranges(), **(facts | known))


def _copy(item: Json) -> Json:
    return {**item, "metadata": dict(item["metadata"])}


def _pull(number: int, repository: str = "kubernetes") -> dict[str, Any]:
    url = f"https://github.com/openshift/{repository}/pull/{number}"
    return {"pullRequest": url, "number": number}


def _kubernetes(made: Sample) -> None:
    for version, days in (("1.34.8", 70), ("1.34.9", 9), ("1.35.6", 38), ("1.35.7", 4)):
        made.tag(KUBERNETES, version, days)
    made.tag(KUBERNETES, "1.36.0-rc.1", 0.2)
    current = {"pending": 1, "running": 0, "waiting": 0, "finished": 1, "failed": 1}
    coming = {
        "version": "1.36.0-rc.1",
        "reason": "BlockedByFailure",
        "message": "1.35.7 (Plan k8s-main) failed; it holds up newer versions.",
    }
    main = current | {"current": "1.35.6", "next": coming}
    ranges = {"name": KUBERNETES, "matchedVersions": [">=1.35.6-0"]}
    config = {"upstream": ranges, "enablePrereleases": True}
    made.plan("k8s-main", KUBERNETES, "main", status=main, config=config)
    release = {"pending": 0, "running": 1, "waiting": 0, "finished": 1, "failed": 0}
    made.plan(
        "k8s-4.20",
        KUBERNETES,
        "release-4.20",
        status=release | {"current": "1.34.8"},
        config={"upstream": {"name": KUBERNETES, "matchedVersions": ["1.34.x"]}},
    )
    made.sync(
        *("k8s-main", "kubernetes-1.35.7", "Failed", "StepFailed"),
        message="`make-update` ended with exit code 2: 3 files differ from what `make update` makes.",
        workflow="k8s-main-1.35.7-x2vqn",
        startTime=made.ago(hours=3),
        finishTime=made.ago(hours=2, minutes=40),
    )
    made.sync(
        *("k8s-main", "kubernetes-1.35.6", "Finished", "Merged"),
        merged=True,
        workflow="k8s-main-1.35.6-9kd2m",
        startTime=made.ago(days=38),
        finishTime=made.ago(days=35),
        times=_times(made, opened=37, merged=30, conflict=1.5, rounds=2),
        **_pull(2731),
    )
    made.sync(
        *("k8s-4.20", "kubernetes-1.34.8", "Finished", "Merged"),
        merged=True,
        startTime=made.ago(days=69),
        finishTime=made.ago(days=69),
        times=_times(made, opened=69, merged=66),
        **_pull(2702),
    )
    made.sync(
        *("k8s-4.20", "kubernetes-1.34.9", "Running", "Running"),
        message="Running make-update.",
        workflow="k8s-4.20-1.34.9-7h8ll",
        attempt=1,
        startTime=made.ago(minutes=11),
    )


def _exporter(made: Sample) -> None:
    for version, days in (("1.11.0", 60), ("1.11.1", 45), ("1.12.0", 20), ("1.12.1", 7)):
        made.tag(EXPORTER, version, days)
    coming = {
        "version": "1.12.1",
        "reason": "BranchBusy",
        "message": "1.12.0 (Plan exporter) waits for a resolution.",
    }
    counts = {"pending": 1, "running": 0, "waiting": 1, "finished": 2, "failed": 0}
    status = counts | {"current": "1.11.1", "next": coming}
    made.plan("exporter", EXPORTER, "main", status=status)
    asked = made.ago(days=6, hours=2)
    files = ["collector/cpu_linux.go", "collector/filesystem_common.go", "go.mod", "VERSION"]
    question = {"pullRequest": "https://github.com/openshift/node_exporter/pull/171", "number": 171}
    made.sync(
        *("exporter", "node-exporter-1.12.0", "Conflict", "WaitingForResolution"),
        message="4 files conflict; resolve them in pull request 171.",
        conflict=question
        | {"files": files, "downstreamAuthors": ["Ada"], "upstreamAuthors": ["Grace", "Ken"]},
        workflow="exporter-1.12.0-4q8sz",
        attempt=1,
        startTime=made.ago(days=6, hours=3),
        times={"askedTime": asked, "rounds": 1, "askedNumber": 171, "machineSeconds": 75},
    )
    for version, days in (("1.11.0", 59), ("1.11.1", 44)):
        made.sync(
            *("exporter", f"node-exporter-{version}", "Finished", "Merged"),
            merged=True,
            startTime=made.ago(days=days),
            finishTime=made.ago(days=days),
            times=_times(made, opened=days, merged=days - 3, conflict=0.2, rounds=1),
            **_pull(120 + days, "node_exporter"),
        )


def _etcd(made: Sample) -> None:
    upstream = "github.com/etcd-io/etcd"
    for version, days in (("3.5.21", 50), ("3.5.22", 3), ("3.6.0", 2)):
        made.tag(upstream, version, days)
    counts = {"pending": 0, "running": 0, "waiting": 1, "finished": 1, "failed": 0}
    made.plan(
        "etcd-4.19",
        upstream,
        "openshift-4.19",
        status=counts | {"current": "3.5.21"},
        config={"upstream": {"name": upstream, "matchedVersions": ["3.5.x"]}},
    )
    missing = {
        "type": "Ready",
        "status": "False",
        "reason": "SecretNotFound",
        "message": "There is no Secret `github-secret` in the namespace.",
        "lastTransitionTime": made.ago(days=1, hours=4),
    }
    made.plan("etcd-main", upstream, "main", conditions=[missing, READ], status={"pending": 1})
    made.sync(
        *("etcd-4.19", "etcd-3.5.22", "Finished", "PullRequestOpen"),
        message="The pull request waits for review.",
        startTime=made.ago(days=2, hours=3),
        finishTime=made.ago(days=2, hours=2),
        workflow="etcd-4.19-3.5.22-b7nnc",
        times={"openedTime": made.ago(days=2, hours=2), "machineSeconds": 340},
        **_pull(88, "etcd"),
    )
    made.sync(
        *("etcd-4.19", "etcd-3.5.21", "Skipped", "Abandoned"),
        message="A person closed the conflict's pull request unmerged.",
        startTime=made.ago(days=50),
        finishTime=made.ago(days=49),
        times={"askedTime": made.ago(days=50), "rounds": 1, "machineSeconds": 60},
    )


def _times(
    made: Sample, *, opened: float, merged: float, conflict: float = 0, rounds: int = 0
) -> dict[str, Any]:
    """Return the times of a release, in days before the present."""
    asked = {
        "askedTime": made.ago(days=opened + conflict),
        "answeredTime": made.ago(days=opened + 0.02),
        "askedNumber": 7,
    }
    return (asked if rounds else {}) | {
        "openedTime": made.ago(days=opened),
        "mergedTime": made.ago(days=merged),
        "rounds": rounds,
        "machineSeconds": 215,
        "conflictSeconds": int(conflict * 86_400),
        "reviewSeconds": int((opened - merged) * 86_400),
    }
