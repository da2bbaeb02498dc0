"""Which keys a changed object queues."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.build import Parts, build
from resync_argo.controller.forge.forges import connect_github
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.state.keys import (
    Key,
    PlanKey,
    SyncKey,
    TagKey,
    branch_key,
    upstream_key,
)
from resync_argo.settings import Settings
from tests.unit.controller.builders import plan, sync, tag

PLAN = PlanKey(ObjectKey("ns", "z-1"))
SYNC = SyncKey(ObjectKey("ns", "z-1.project-1.0.0"))
TAG = TagKey(ObjectKey("ns", "project-1.0.0"))
BRANCH, UPSTREAM = branch_key(plan()), upstream_key(plan())


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    settings = Settings()
    made = build(Kube(client.Configuration()), settings, connect_github(settings), tmp_path)
    made.cluster.caches.plans.put(plan())
    made.cluster.caches.tags.put(tag())
    made.cluster.caches.syncs.put(sync(phase="Running", start_time="x"))
    return made


def taken(parts: Parts) -> list[Key]:
    """Return the keys that are in the queue, in order."""
    return list(_taken(parts))


def _taken(parts: Parts) -> Iterator[Key]:
    queue = parts.cluster.queue
    while len(queue):
        key = queue.take()
        assert key is not None
        queue.done(key)
        yield key


def test_changes_do_not_pile_up_while_another_process_leads(parts: Parts) -> None:
    following = len(parts.cluster.queue), len(parts.announcer.queue)

    parts.changes.watch()
    parts.changes.enqueue_all()

    assert following == (0, 0)
    assert len(parts.announcer.queue) == 1
    assert taken(parts) == [PLAN, BRANCH, UPSTREAM, SYNC, TAG]


def test_our_own_write_of_a_status_does_not_queue_its_object(parts: Parts) -> None:
    parts.changes.watch()
    finished = sync(phase="Finished", reason="Merged", start_time="x")
    meta = finished.metadata.model_copy(update={"resource_version": "2"})
    parts.cluster.caches.syncs.put(finished.model_copy(update={"metadata": meta}), ours=True)

    assert taken(parts) == [BRANCH, TAG]


def test_peoples_requests_come_first(parts: Parts) -> None:
    parts.changes.watch()
    parts.cluster.queue.add(UPSTREAM)
    asked = sync(phase="Running", start_time="x", spec={"retry": 1})
    meta = asked.metadata.model_copy(update={"resource_version": "2", "generation": 2})
    parts.cluster.caches.syncs.put(asked.model_copy(update={"metadata": meta}))

    assert taken(parts)[0] == SYNC


def test_a_queued_release_is_reconciled_only_with_its_branch(
    parts: Parts,
) -> None:
    parts.changes.watch()
    parts.cluster.caches.tags.put(tag("1.0.1"))

    assert taken(parts) == [BRANCH]


def test_a_tag_with_the_status_of_an_earlier_generation_is_queued(parts: Parts) -> None:
    """Upstream's next release changes `spec.next`, which nothing else would notice."""
    parts.changes.watch()
    written = tag("1.0.1", status={"observedGeneration": 1})
    meta = written.metadata.model_copy(update={"resource_version": "2", "generation": 2})
    parts.cluster.caches.tags.put(written)
    before = taken(parts)
    parts.cluster.caches.tags.put(written.model_copy(update={"metadata": meta}))

    assert TagKey(ObjectKey("ns", "project-1.0.1")) not in before
    assert taken(parts) == [TagKey(ObjectKey("ns", "project-1.0.1"))]


def test_a_queued_release_that_a_person_skips_is_reconciled(parts: Parts) -> None:
    parts.changes.watch()
    parts.cluster.caches.tags.put(tag("1.0.1", skip=True))

    assert TagKey(ObjectKey("ns", "project-1.0.1")) in taken(parts)


def test_a_value_set_on_a_tag_queues_its_syncs(parts: Parts) -> None:
    parts.changes.watch()
    changed = tag(parameters={"JIRA": "A-1"})
    meta = changed.metadata.model_copy(update={"resource_version": "2"})
    parts.cluster.caches.tags.put(changed.model_copy(update={"metadata": meta}))

    assert SYNC in taken(parts)


def test_a_new_tag_waits_until_all_tags_of_its_upstream_exist(
    parts: Parts,
) -> None:
    parts.changes.watch()
    parts.cluster.caches.tags.put(tag("1.0.1"), ours=True)

    assert taken(parts) == []
