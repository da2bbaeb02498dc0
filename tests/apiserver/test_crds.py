"""The kinds on a real API server: what is admitted, what is refused and with which words, and how
objects read in kubectl. One namespace serves all tests; every object has a name of its own."""

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import kubernetes
import pytest
import yaml

from resync_argo.api.meta import Model
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from tests.cluster.apiserver import ApiServer
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
NAMESPACE = "kinds"

PULL_REQUEST = {"action": {"type": "pull-request", "title": "t"}}
SLACK = {"action": {"type": "slack-notification", "channel": "c", "message": "m"}}
RUN = {"run": "true"}

_numbers = itertools.count()


@pytest.fixture(scope="module")
def kinds(apiserver: ApiServer) -> Iterator[Kubectl]:
    """Kubectl in a namespace of an API server that has our kinds."""
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig)
    kubectl.run("apply", "--server-side", "--filename", ROOT / "crds")
    for crd in ("plans", "tags"):
        name = f"crd/{crd}.resync.openshift.io"
        kubectl.run("wait", "--for=condition=Established", "--timeout=60s", name)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield kubectl.within(NAMESPACE)
    kubectl.run("delete", "namespace", NAMESPACE, "--wait=false")


def plan(change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a Plan that is admitted, with values set at dotted paths below `spec`."""
    spec: dict[str, Any] = {
        "config": {
            "upstream": {"name": "github.com/kubernetes/kubernetes", "matchedVersions": ["1.21.x"]},
            "downstream": {"name": "github.com/openshift/kubernetes", "branch": "release-4.8"},
            "image": "example.com/image:1",
            "github": {"credentials": {"secretSelector": "github-secret"}},
            "slack": {"credentials": {"secretSelector": "slack-secret"}},
        },
        "steps": [RUN, PULL_REQUEST, SLACK],
    }
    return _object("Plan", _changed(spec, change or {}))


def tag(change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a Tag that is admitted, with values set at dotted paths below `spec`."""
    spec = {"repository": "github.com/kubernetes/kubernetes", "version": "1.21.2"}
    return _object("Tag", _changed(spec, change or {}))


def _object(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": f"o-{next(_numbers)}"},
        "spec": spec,
    }


def _changed(spec: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(spec)
    for path, value in change.items():
        *parents, last = path.split(".")
        inner = changed
        for parent in parents:
            inner = inner.setdefault(parent, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return changed


@pytest.fixture(scope="module")
def objects(kinds: Kubectl) -> kubernetes.client.CustomObjectsApi:
    """The API without kubectl, which takes a second for each of the many objects below."""
    connection = kubernetes.config.new_client_from_config(str(kinds.kubeconfig))  # type: ignore[no-untyped-call]  # the client has no types
    return kubernetes.client.CustomObjectsApi(connection)


def create(objects: kubernetes.client.CustomObjectsApi, manifest: dict[str, Any]) -> dict[str, Any]:
    """Create an object and return it as the API server keeps it."""
    group, version = manifest["apiVersion"].split("/")
    plural = f"{manifest['kind'].lower()}s"
    kept = objects.create_namespaced_custom_object(group, version, NAMESPACE, plural, manifest)
    return cast(dict[str, Any], kept)


def refusal(objects: kubernetes.client.CustomObjectsApi, manifest: dict[str, Any]) -> str:
    """Return what a person reads when the object is refused."""
    with pytest.raises(kubernetes.client.ApiException) as refused:
        create(objects, manifest)
    return str(json.loads(refused.value.body or "{}")["message"])


@pytest.mark.parametrize("name", ["plan", "tag", "plan-mended"])
def test_the_samples_are_admitted_as_they_stand(kinds: Kubectl, name: str) -> None:
    path = SAMPLES / f"{name}.yaml"

    kinds.run("apply", "--filename", path)

    sample = yaml.safe_load(path.read_text())
    kept = kinds.get(sample["kind"], sample["metadata"]["name"])
    model: type[Model] = Plan if sample["kind"] == "Plan" else Tag
    assert model.parse(kept).dump()["spec"]


def test_defaults_are_filled_in(objects: kubernetes.client.CustomObjectsApi) -> None:
    config = {"config.conflicts": [{"paths": ["vendor/**"]}]}

    kept = create(objects, plan(config))["spec"]

    assert kept["suspend"] is False
    assert kept["config"]["order"] == "Sequential"
    assert kept["config"]["clone"] == "Partial"
    assert kept["config"]["enablePrereleases"] is False
    assert kept["config"]["conflicts"] == [
        {"paths": ["vendor/**"], "resolve": "Ask", "keepDeleted": False}
    ]


ADMITTED: list[dict[str, Any]] = [
    {
        "config.upstream.matchedVersions": [
            "1.x",
            "*",
            "1.21.2",
            ">=1.21.2 <1.22.0",
            "~1.21",
            "^1.2",
        ]
    },
    {"config.upstream.name": "git.example.org/group/subgroup/name"},
    {"config.upstream.tagPrefix": "kustomize/v"},
    {"config.upstream.tagPrefix": ""},
    {"config.downstream.branch": "feature/a#1+b@c_d"},
    {"config.downstream.fork": "github.com/bot/kubernetes"},
    {
        "config.downstream.fork": "github.com/bot/kubernetes",
        "config.github.forkCredentials": {"secretSelector": "fork-secret"},
    },
    {"config.env": [{"name": "A_1", "value": ""}, {"name": "B", "from": ".tag.previous"}]},
    {"config.env": [{"name": "GIT_TRACE", "value": "$(x) $$ {}"}]},
    {"config.resources": {"limits": {"cpu": 2, "memory": "4Gi"}, "requests": {"cpu": "500m"}}},
    {"config.slack.channel": "#team"},
    {"config.conflicts": [{"paths": ["a b", "*.go"], "resolve": "Union", "keepDeleted": True}]},
    {"steps": [SLACK, RUN, PULL_REQUEST, SLACK]},
    {"steps": [RUN], "config.github": None, "config.slack": None},
    {"steps": [{"name": "n", "run": "{{x}} $(y)"}]},
    {"suspend": True, "config.order": "Latest", "config.clone": "Full"},
]


@pytest.mark.parametrize("change", ADMITTED, ids=lambda change: next(iter(change)))
def test_a_plan_may_say(
    objects: kubernetes.client.CustomObjectsApi, change: dict[str, Any]
) -> None:
    Plan.parse(create(objects, plan(change)))


REPOSITORY = "must be a repository such as `host/owner/name`"
BRANCH = "`branch` must be the name of a branch as git allows it"
RANGE = "`matchedVersions` must hold ranges such as `1.21.x`"
ONE_OF = "exactly one of `run` and `action` must be given"
PULL = "a `pull-request` action must have a `title`"
CHAT = "a `slack-notification` action must have `channel` and `message`"
FROM = "`from` must be a path such as `.config.upstream.name`"
PATHS = "`paths` must be relative paths or globs"

REFUSED: list[tuple[str, Any, str]] = [
    ("config.upstream.name", "ext::sh -c id", REPOSITORY),
    ("config.upstream.name", "https://github.com/a/b", REPOSITORY),
    ("config.upstream.name", "github.com/a/b.git", REPOSITORY),
    ("config.upstream.name", "-oProxyCommand=x/a/b", REPOSITORY),
    ("config.upstream.name", "github.com/-a/b", REPOSITORY),
    ("config.upstream.name", "github.com/../b", REPOSITORY),
    ("config.upstream.name", "github.com", REPOSITORY),
    ("config.upstream.name", "user@github.com/a/b", REPOSITORY),
    ("config.upstream.name", "a/" * 130 + "b", "Too long: may not be more than 253"),
    ("config.upstream.name", None, "spec.config.upstream.name: Required value"),
    ("config.upstream.matchedVersions", [], "should have at least 1 items"),
    ("config.upstream.matchedVersions", ["1.x"] * 2, "Duplicate value"),
    ("config.upstream.matchedVersions", [f"1.{n}.x" for n in range(21)], "must have at most 20"),
    ("config.upstream.matchedVersions", ["latest"], RANGE),
    ("config.upstream.matchedVersions", ["1.x;id"], RANGE),
    ("config.upstream.matchedVersions", ["1" * 101], "Too long: may not be more than 100"),
    ("config.upstream.tagPrefix", "-v", "`tagPrefix` must be what names of git tags begin with"),
    ("config.upstream.tagPrefix", "a..b", "`tagPrefix` must be what names of git tags begin with"),
    ("config.upstream.tagPrefix", "a" * 101, "Too long: may not be more than 100"),
    ("config.downstream.name", "github.com/a/b/c", "`name` and `fork` must be repositories"),
    ("config.downstream.name", "ext::sh -c id", "`name` and `fork` must be repositories"),
    ("config.downstream.fork", "gitlab.com/bot/x", "`fork` must be on the same host as `name`"),
    ("config.downstream.fork", "github.com/openshift/kubernetes", "`fork` must be another"),
    ("config.github.forkCredentials", {"secretSelector": "x"}, "are for `downstream.fork`, which"),
    ("config.github.forkCredentials", {"secretSelector": "A"}, "must be the name of a Secret"),
    ("config.downstream.branch", "-x", BRANCH),
    ("config.downstream.branch", "a..b", BRANCH),
    ("config.downstream.branch", "a b", BRANCH),
    ("config.downstream.branch", "a{{b", BRANCH),
    ("config.downstream.branch", "a.lock", BRANCH),
    ("config.downstream.branch", "a/.b", BRANCH),
    ("config.downstream.branch", "refs/heads/main", BRANCH),
    ("config.downstream.branch", "HEAD", BRANCH),
    ("config.downstream.branch", "", "should be at least 1 chars long"),
    ("config.downstream.branch", "a" * 201, "Too long: may not be more than 200"),
    ("config.image", "a b", "`image` must be the name of a container image"),
    ("config.image", "", "should be at least 1 chars long"),
    ("config.image", "a" * 501, "Too long: may not be more than 500"),
    ("config.env", [{"name": "A"}], "exactly one of `value` and `from` must be given"),
    ("config.env", [{"name": "A", "value": "", "from": ".tag.ref"}], "exactly one of `value` and"),
    ("config.env", [{"name": "A", "value": "1"}] * 2, "Duplicate value"),
    ("config.env", [{"name": "1A", "value": ""}], "`name` must be the name of a variable"),
    ("config.env", [{"name": "RESYNC_X", "value": ""}], "a variable that every step has already"),
    ("config.env", [{"name": "PATH", "value": ""}], "a variable that every step has already"),
    ("config.env", [{"name": "UPSTREAM_TAG", "value": ""}], "that every step has already"),
    ("config.env", [{"name": "GIT_DIR", "value": ""}], "moves git away from the clone"),
    ("config.env", [{"name": "GIT_CONFIG_COUNT", "value": "1"}], "moves git away from the clone"),
    ("config.env", [{"name": "A" * 129, "value": ""}], "Too long: may not be more than 128"),
    ("config.env", [{"name": "A", "value": "{{x}}"}], "`value` may not hold `{{`"),
    ("config.env", [{"name": "A", "value": "x" * 4097}], "Too long: may not be more than 4096"),
    ("config.env", [{"name": "A", "from": "config.image"}], FROM),
    ("config.env", [{"name": "A", "from": ".tag.author"}], FROM),
    ("config.env", [{"name": "A", "from": ".config" + ".a" * 100}], "Too long: may not be more"),
    ("config.env", [{"name": f"A{n}", "value": ""} for n in range(65)], "must have at most 64"),
    ("config.resources", {"limits": {"cpu": "much"}}, "every value must be a quantity"),
    ("config.resources", {"requests": {"cpu": "2"}, "limits": {"cpu": 1}}, "may not be greater"),
    ("config.resources", {"limits": {"memory": "8Mi"}}, "`limits.memory` must be at least 32Mi"),
    ("config.resources", {"limits": {"cpu": "1m"}}, "`limits.cpu` must be at least 10m"),
    ("config.resources", {"limits": {f"r{n}": 1 for n in range(9)}}, "must have at most 8 items"),
    ("config.github.credentials.secretSelector", "A_b", "must be the name of a Secret"),
    ("config.github.credentials.secretSelector", "a" * 254, "Too long: may not be more than 253"),
    ("config.github.credentials.secretSelector", "", "should be at least 1 chars long"),
    ("config.github.labels", ["a" * 51], "Too long: may not be more than 50"),
    ("config.github.labels", [str(n) for n in range(21)], "must have at most 20 items"),
    ("config.github.reviewers", ["@me"], "reviewers must be named without `@`"),
    ("config.github.reviewers", [f"u{n}" for n in range(16)], "must have at most 15 items"),
    ("config.github.teamReviewers", ["org/team"], "reviewers must be named without `@`"),
    ("config.slack.channel", "a b", "`channel` must be the name or id of one channel"),
    ("config.slack.channel", "a" * 82, "Too long: may not be more than 81"),
    ("config.order", "Random", 'supported values: "Sequential", "Latest"'),
    ("config.clone", "Shallow", 'supported values: "Partial", "Full"'),
    ("config.conflicts", [{"paths": []}], "should have at least 1 items"),
    ("config.conflicts", [{"resolve": "Ask"}], "paths: Required value"),
    ("config.conflicts", [{"paths": [":(top)a"]}], PATHS),
    ("config.conflicts", [{"paths": ["/a"]}], PATHS),
    ("config.conflicts", [{"paths": ["a/../b"]}], "`paths` may not hold `../` or a line end"),
    ("config.conflicts", [{"paths": ["a\nb"]}], "`paths` may not hold `../` or a line end"),
    ("config.conflicts", [{"paths": ["a" * 256]}], "Too long: may not be more than 255"),
    ("config.conflicts", [{"paths": [str(n) for n in range(31)]}], "must have at most 30 items"),
    ("config.conflicts", [{"paths": ["a"], "resolve": "Ours"}], 'supported values: "Upstream"'),
    ("config.conflicts", [{"paths": ["a"]}] * 51, "must have at most 50 items"),
    ("steps", [], "should have at least 1 items"),
    ("steps", [RUN] * 51, "must have at most 50 items"),
    ("steps", [{}], ONE_OF),
    ("steps", [{**RUN, **PULL_REQUEST}], ONE_OF),
    ("steps", [{"name": "n" * 101, **RUN}], "Too long: may not be more than 100"),
    ("steps", [{"run": ""}], "should be at least 1 chars long"),
    ("steps", [{"run": "x" * 32769}], "Too long: may not be more than 32768"),
    ("steps", [{"run": "a\0b"}], "`run` may not hold a NUL character"),
    ("steps", [{"action": {"type": "merge"}}], 'supported values: "pull-request", "slack-notif'),
    ("steps", [{"action": {"title": "t"}}], "action.type: Required value"),
    ("steps", [{"action": {"type": "pull-request"}}], PULL),
    ("steps", [{"action": {**PULL_REQUEST["action"], "channel": "c"}}], PULL),
    ("steps", [{"action": {**PULL_REQUEST["action"], "title": "t" * 257}}], "may not be more than"),
    (
        "steps",
        [{"action": {**PULL_REQUEST["action"], "body": "b" * 16385}}],
        "may not be more than",
    ),
    ("steps", [{"action": {"type": "slack-notification", "channel": "c"}}], CHAT),
    ("steps", [{"action": {**SLACK["action"], "title": "t"}}], CHAT),
    (
        "steps",
        [{"action": {**SLACK["action"], "message": "m" * 3001}}],
        "may not be more than 3000",
    ),
    ("steps", [PULL_REQUEST, PULL_REQUEST], "`steps` may hold at most one `pull-request` action"),
    ("steps", [PULL_REQUEST, RUN], "`steps` may not hold a `run` after the `pull-request` action"),
    ("config.github", None, "`config.github` must name the credentials"),
    ("config.slack", None, "`config.slack` must name the credentials"),
    ("suspend", "yes", "must be of type boolean"),
]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    REFUSED,
    ids=[f"{n}-{path}" for n, (path, *_) in enumerate(REFUSED)],
)
def test_a_plan_may_not_say(
    objects: kubernetes.client.CustomObjectsApi, path: str, value: object, message: str
) -> None:
    assert message in refusal(objects, plan({path: value}))


def test_a_plans_name_fits_into_a_label(objects: kubernetes.client.CustomObjectsApi) -> None:
    long = plan()
    long["metadata"]["name"] = "p" * 64

    assert "`metadata.name` must have at most 63 characters" in refusal(objects, long)


VERSION = "must be a version as Semantic Versioning writes it"
REF = "`ref` must be the full name of a git tag"
COMMIT = "`commit` must be the full id of a commit"

TAGS_REFUSED: list[tuple[str, Any, str]] = [
    ("repository", "ext::sh -c id", "`repository` must be a repository"),
    ("repository", None, "spec.repository: Required value"),
    *(
        ("version", text, VERSION)
        for text in ("01.2.3", "1.2", "1.2.3.4", "v1.2.3", "1.2.3;touch x")
    ),
    ("version", "1.2.3-" + "a" * 100, "Too long: may not be more than 100"),
    ("version", None, "`spec.version` must be given where `metadata.name` is not a version"),
    ("tagPrefix", "--upload-pack=x", "`tagPrefix` must be what names of git tags begin with"),
    ("ref", "refs/heads/main", REF),
    ("ref", "refs/tags/-x", REF),
    ("ref", "refs/tags/a..b", REF),
    ("ref", "refs/tags/" + "a" * 246, "Too long: may not be more than 255"),
    ("commit", "abc", COMMIT),
    ("commit", "A" * 40, COMMIT),
    ("next", "1.22", VERSION),
]


@pytest.mark.parametrize(("path", "value", "message"), TAGS_REFUSED)
def test_a_tag_may_not_say(
    objects: kubernetes.client.CustomObjectsApi, path: str, value: object, message: str
) -> None:
    assert message in refusal(objects, tag({path: value}))


@pytest.mark.parametrize("version", ["1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "0.0.0-0a.b-c"])
def test_a_tag_may_have_any_version(
    objects: kubernetes.client.CustomObjectsApi, version: str
) -> None:
    assert Tag.parse(create(objects, tag({"version": version}))).version == version


def test_a_tags_name_stands_for_its_version(objects: kubernetes.client.CustomObjectsApi) -> None:
    named = tag({"version": None})
    named["metadata"]["name"] = "1.22.0-rc.1"

    assert Tag.parse(create(objects, named)).version == "1.22.0-rc.1"


@pytest.mark.parametrize("field", ["repository", "version", "tagPrefix"])
def test_what_identifies_a_tag_may_not_be_changed(kinds: Kubectl, field: str) -> None:
    kept = kinds.create(tag({"tagPrefix": "v"}))
    kept["spec"][field] = {"repository": "github.com/a/b", "version": "9.9.9", "tagPrefix": "w"}[
        field
    ]

    with pytest.raises(ClusterError, match="may not be changed; make another Tag"):
        kinds.replace(kept)


def test_a_tags_commit_may_not_be_changed_once_it_is_set(kinds: Kubectl) -> None:
    kept = kinds.create(tag())
    kept["spec"]["commit"] = "a" * 40
    kinds.replace(kept)
    name = kept["metadata"]["name"]

    for commit in ("b" * 40, None):
        moved = kinds.get("tags.resync.openshift.io", name)
        moved["spec"]["commit"] = commit
        with pytest.raises(ClusterError, match="`commit` may not be changed once it is set"):
            kinds.replace(moved)


def _patch_status(kinds: Kubectl, kind: str, name: str, status: dict[str, Any]) -> None:
    patch = yaml.safe_dump({"status": status})
    kinds.run("patch", kind, name, "--subresource=status", "--type=merge", f"--patch={patch}")


def _condition(kind: str, message: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": "True",
        "reason": "Because",
        "message": message,
        "lastTransitionTime": "2021-11-30T00:00:00Z",
    }


def test_a_plan_reads_well_in_a_list_and_can_be_waited_for(kinds: Kubectl) -> None:
    name = kinds.create(plan())["metadata"]["name"]
    status = {"conditions": [_condition("Ready", "all is well")], "pending": 3}
    _patch_status(kinds, "plan", name, status | {"current": "1.21.1", "latest": "1.21.4"})

    kinds.run("wait", "--for=condition=Ready", "--timeout=10s", f"plan/{name}")
    header, row = kinds.run("get", "plan", name, "--output=wide").splitlines()

    assert header.split() == ["NAME", "READY", "CURRENT", "LATEST", "PENDING", "MESSAGE", "AGE"]
    assert row.split()[:8] == [name, "True", "1.21.1", "1.21.4", "3", "all", "is", "well"]


def test_a_tag_reads_well_in_a_list_and_can_be_waited_for(kinds: Kubectl) -> None:
    name = kinds.create(tag())["metadata"]["name"]
    address = "https://github.com/openshift/kubernetes/pull/1"
    sync = {"plan": "z", "phase": "Finished", "reason": "", "pullRequest": address, "number": 1}
    status = {"phase": "Finished", "plan": "z", "pullRequest": address, "syncs": [sync]}
    _patch_status(kinds, "tag", name, status | {"conditions": [_condition("Succeeded", "done")]})

    kinds.run("wait", "--for=condition=Succeeded", "--timeout=10s", f"tag/{name}")
    header, row = kinds.run("get", "tag", name, "--output=wide").splitlines()

    columns = ["NAME", "PHASE", "VERSION", "PLAN", "PR", "REASON", "MESSAGE", "AGE"]
    assert header.split() == columns
    assert row.split()[:7] == [name, "Finished", "1.21.2", "z", address, "Because", "done"]


def test_both_kinds_are_found_by_category_and_short_name(kinds: Kubectl) -> None:
    plan_name = kinds.create(plan())["metadata"]["name"]
    tag_name = kinds.create(tag())["metadata"]["name"]

    listed = kinds.run("get", "resync", "--output=name").splitlines()

    assert f"plan.resync.openshift.io/{plan_name}" in listed
    assert f"tag.resync.openshift.io/{tag_name}" in listed
    assert kinds.run("get", "rsplan,rstag", "--output=name").splitlines()


def _fields(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from _fields(inner, f"{path}.{name}")
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}[]")


@pytest.mark.parametrize("kind", ["plan", "tag"])
def test_every_field_is_described_and_bounded(kind: str) -> None:
    crd = yaml.safe_load((ROOT / "crds" / f"{kind}.yaml").read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    known = {"apiVersion", "kind", "metadata"}
    fields = [(p, f) for p, f in _fields(schema, "") if p.split(".")[1] not in known]

    assert [path for path, field in fields if not field.get("description")] == []
    texts = [(path, field) for path, field in fields if field["type"] == "string"]
    assert [p for p, f in texts if not f.keys() & {"maxLength", "enum", "format"}] == []
    lists = [(path, field) for path, field in fields if field["type"] == "array"]
    assert [p for p, f in lists if not f.keys() >= {"maxItems", "x-kubernetes-list-type"}] == []


def test_explain_tells_what_a_field_is_for(kinds: Kubectl) -> None:
    explained = kinds.run("explain", "plans.spec.config.upstream.matchedVersions")

    assert "Ranges of versions; a release is wanted when one of them holds it" in explained


def test_the_api_server_publishes_what_kubectl_explains(kinds: Kubectl) -> None:
    def published() -> bool:
        return "tags.resync.openshift.io" in kinds.run("api-resources", "--output=name")

    assert wait_for(published, deadline_seconds=10, describe="the kinds in discovery")
