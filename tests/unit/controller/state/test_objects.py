"""Tenants' metadata is not cached, and large objects are listed few at a time."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from resync_argo.api.meta import Json
from resync_argo.controller.kube.api import (
    PLANS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Resource,
)
from resync_argo.controller.state.objects import Caches, keep_sync, keep_tag, keep_template
from resync_argo.controller.state.workflow import STOPPED_ANNOTATION, keep_run
from tests.unit.controller.builders import plan, tag

MUCH = 200_000
"""Characters: the API server takes 256 KiB of annotations."""

MOST_BYTES_AT_ONCE = 64 << 20
"""Of a page's JSON, beside everything else in a controller of 512 MiB."""


def item(**parts: Any) -> Json:
    """Return an object full of annotations and managed fields."""
    metadata = {
        "name": "x",
        "namespace": "ns",
        "resourceVersion": "1",
        "annotations": {"a": "x" * MUCH, STOPPED_ANNOTATION: "Stopped: " + "x" * MUCH},
        "managedFields": [{"f": "x" * MUCH}],
    }
    return {"metadata": metadata, **parts}


@pytest.mark.parametrize(
    ("keep", "parts"),
    [
        (keep_tag, {"spec": {"repository": "a.test/b/c", "version": "1.0.0"}}),
        (keep_sync, {"spec": {"plan": "p", "tag": "t"}}),
        (keep_template, {"spec": {"templates": ["x" * MUCH]}}),
        (
            keep_run,
            {
                "spec": {"templates": ["x" * MUCH]},
                "status": {"phase": "Running", "message": "x" * MUCH},
            },
        ),
    ],
)
def test_the_cached_part_does_not_grow_with_annotations(
    keep: Callable[[Json], object], parts: Json
) -> None:
    assert len(pickle.dumps(keep(item(**parts)))) < 40_000


@pytest.mark.parametrize(
    ("resource", "largest"),
    [
        (PLANS, 3 << 19),
        (WORKFLOWS, 3 << 19),
        (WORKFLOW_TEMPLATES, 3 << 19),
        (TAGS, 1 << 19),
        (SYNCS, 1 << 19),
    ],
    ids=lambda it: it.plural if isinstance(it, Resource) else "",
)
def test_a_page_of_the_largest_objects_fits_into_memory(resource: Resource, largest: int) -> None:
    assert resource.page * largest <= MOST_BYTES_AT_ONCE


def test_a_plan_knows_no_tag_of_its_repository_in_another_namespace() -> None:
    caches, followed = Caches(), plan()
    own, foreign = tag("1.0.0"), tag("1.0.1")
    elsewhere = foreign.metadata.model_copy(update={"namespace": "elsewhere"})
    foreign = foreign.model_copy(update={"metadata": elsewhere})
    caches.plans.put(followed)
    caches.tags.put(own)
    caches.tags.put(foreign)

    assert foreign.spec.repository == own.spec.repository
    assert caches.tags_of(followed) == [own]
    assert caches.plans_of(own) == [followed]
    assert caches.plans_of(foreign) == []
