"""Every cache of the controller has a bound, and keeps namespaces apart.

The caches are found in the built controller and in its source. List a new cache here, with what
keeps namespaces apart in it.
"""

import ast
import importlib
import math
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import cachetools
import pytest

import resync_argo
from resync_argo.api.meta import ObjectKey
from resync_argo.controller.build import build
from resync_argo.controller.main import Controller, webhooks
from resync_argo.settings import Settings
from tests.fakes import FakeForges

ROOT = Path(resync_argo.__file__).parent
CLASSES = ("LRUCache", "TTLCache", "TLRUCache")

OBJECT = "the key begins with an object's key, which begins with its namespace"
NAMESPACE = "the key begins with the namespace"
UPSTREAM = "the key begins with the key of an upstream, which begins with its namespace"
UID = "the key is the uid of an object, which no other namespace's has"
TOKEN = "the key is the hash of a token: who has the same token shares its limits at the forge"
INSIDE = "it belongs to an entry of another cache"
COMMON = "one entry: all Secrets of the installation, asked on the path that all Plans share"

CACHES = {
    "controller.forge.comments.commands.Comments._read": OBJECT,
    "controller.forge.comments.commands.Comments._writers": OBJECT,
    "controller.forge.forges._Connections": OBJECT,
    "controller.forge.pull_requests.PullRequests._files": OBJECT,
    "controller.forge.pull_requests.PullRequests._read": OBJECT,
    "controller.forge.remotes.Remotes._tokens": OBJECT,
    "controller.forge.secrets.Secrets._kept": OBJECT,
    "controller.forge.secrets._TokenFiles": OBJECT,
    "controller.order.ranges.Ranges._read": NAMESPACE,
    "controller.order.wanted.Wanted._found": NAMESPACE,
    "controller.plan.mirror_claims.MirrorClaims._lacking": NAMESPACE,
    "controller.plan.template.Templates.stored_as": UID,
    "controller.serving.webhook_keys.WebhookKeys._common": COMMON,
    "controller.serving.webhook_keys.WebhookKeys._kept": OBJECT,
    "controller.serving.webhooks.Webhooks._heard": NAMESPACE,
    "controller.slack.announcer.Announcer._waits": OBJECT,
    "controller.slack.channels.Channels._last": NAMESPACE,
    "controller.state.owners.Owners._uids": NAMESPACE,
    "controller.state.sightings.Sightings._first": OBJECT,
    "controller.sync.base_watch.BaseLook._known": OBJECT,
    "controller.sync.base_watch.BaseLook._told": OBJECT,
    "controller.tenancy.plan_quota.PlanQuota._last": NAMESPACE,
    "controller.upstream.reader.UpstreamReader.dates": UPSTREAM,
    "forge.gate.Gate._left": TOKEN,
    "forge.gate.Gate._until": TOKEN,
    "forge.github.settling.Settling._since": INSIDE,
}


def declared() -> dict[str, Any]:
    """Return the type of each cache in the source, by the module's, the class's and the attribute's name."""
    found = {}
    for file in sorted([*(ROOT / "controller").rglob("*.py"), *(ROOT / "forge").rglob("*.py")]):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        module = importlib.import_module(f"resync_argo.{name}")
        for owner in (node for node in ast.parse(file.read_text()).body if is_class(node)):
            for where, annotation in caches_of(owner):
                found[f"{name}.{where}"] = eval(annotation, vars(module))  # noqa: S307 - our own source
    return found


def is_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef)


def caches_of(owner: Any) -> Iterator[tuple[str, str]]:
    """Yield a class's caches by name, and the class itself if it is one, with their types."""
    for base in map(ast.unparse, owner.bases):
        if base.startswith(CLASSES):
            yield owner.name, base
    for node in ast.walk(owner):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith(CLASSES):
            attribute = ast.unparse(node.target).removeprefix("self.")
            yield f"{owner.name}.{attribute}", ast.unparse(node.annotation)


def reachable(root: object) -> Iterator[tuple[str, cachetools.Cache[Any, Any]]]:
    """Yield the caches that a part of the controller holds, by the class and the attribute that hold them."""
    seen: set[int] = set()
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        where, it = waiting.pop()
        if id(it) in seen:
            continue
        seen.add(id(it))
        if isinstance(it, cachetools.Cache):
            yield (where if type(it).__module__ == "cachetools" else named(type(it))), it
        waiting += parts_of(where, it)


def parts_of(where: str, it: object) -> Iterator[tuple[str, object]]:
    if isinstance(it, types.MethodType):
        yield where, it.__self__
    elif isinstance(it, types.FunctionType):
        yield from ((where, cell.cell_contents) for cell in it.__closure__ or ())
    elif isinstance(it, dict):
        yield from ((where, value) for value in it.values())
    elif isinstance(it, list | tuple | set):
        yield from ((where, value) for value in it)
    elif type(it).__module__.startswith("resync_argo"):
        for name, value in getattr(it, "__dict__", {}).items():
            yield f"{named(type(it))}.{name}", value


def named(kind: type) -> str:
    return f"{kind.__module__.removeprefix('resync_argo.')}.{kind.__qualname__}"


@pytest.fixture
def built(tmp_path: Path) -> list[object]:
    """The controller, put together and not started, with its server for webhooks."""
    kube: Any = object()
    controller = Controller(build(kube, Settings(), FakeForges().connect, tmp_path))
    return [controller, webhooks(controller)]


def test_each_cache_of_the_source_is_listed() -> None:
    assert sorted(declared()) == sorted(CACHES)


def test_each_cache_has_a_bound(built: list[object]) -> None:
    found = dict(reachable(built))

    assert {name for name, cache in found.items() if not 0 < cache.maxsize < math.inf} == set()
    assert sorted(found) == sorted(name for name, kept in CACHES.items() if kept != INSIDE)


@pytest.mark.parametrize("name", [name for name, kept in CACHES.items() if kept == OBJECT])
def test_a_key_begins_with_an_object(name: str) -> None:
    key = get_args(declared()[name])[0]
    while key is not ObjectKey:
        key = get_args(key)[0]

    assert next(iter(ObjectKey.__annotations__)) == "namespace"


@pytest.mark.parametrize("name", [name for name, kept in CACHES.items() if kept == NAMESPACE])
def test_a_key_begins_with_a_namespace(name: str) -> None:
    key = get_args(declared()[name])[0]

    assert str in (key, *get_args(key)[:1])
