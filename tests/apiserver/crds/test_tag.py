"""The kind Tag on a real API server: valid and invalid objects, with the messages."""

from typing import Any

import kubernetes
import pytest

from resync_argo.api.tag import Tag
from tests.apiserver.crds.manifests import create, refusal, tag
from tests.apiserver.crds.values import PARAMETERS_REFUSED
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver

VERSION = "must be a version such as `1.21.2`"
REF = "`ref` must be the full name of a git tag"
COMMIT = "`commit` must be the full id of a commit"

TAGS_REFUSED: list[tuple[str, Any, str]] = [
    ("repository", "ext::sh -c id", "`repository` must be a repository"),
    ("repository", None, "spec.repository: Required value"),
    *(
        ("version", text, VERSION)
        for text in ("latest", "1..2", "1.2.", "v1.2.3", "1.2.3;touch x", "1.2.3/4", "1.2-")
    ),
    ("version", "1.2.3-" + "a" * 100, "Too long: may not be more than 100"),
    ("version", None, "`spec.version` must be given where `metadata.name` is not a version"),
    ("tagPrefix", "--upload-pack=x", "`tagPrefix` must be what names of git tags begin with"),
    ("ref", "refs/heads/main", REF),
    ("branch", "-main", "`branch` must be the name of a branch"),
    ("branch", "*-*", "`branch` must be the name of a branch"),
    ("ref", "refs/tags/-x", REF),
    ("ref", "refs/tags/v{{workflow.name}}", REF),
    ("ref", "refs/tags/a..b", REF),
    ("ref", "refs/tags/" + "a" * 246, "Too long: may not be more than 255"),
    ("commit", "abc", COMMIT),
    ("commit", "A" * 40, COMMIT),
    ("next", "v1.22", VERSION),
    ("versionPattern", "v(.+)", "`versionPattern` must be a regular expression"),
]


@pytest.mark.parametrize(("path", "value", "message"), TAGS_REFUSED)
def test_a_tag_may_not_say(
    objects: kubernetes.client.CustomObjectsApi, path: str, value: object, message: str
) -> None:
    assert message in refusal(objects, tag({path: value}))


SEMANTIC = ("1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "0.0.0-0a.b-c")


@pytest.mark.parametrize(
    "version", [*SEMANTIC, "24.04", "1.2.3.4", "01.2.3", "2024-01-15", "4.1.0.Final", "1.2rc1"]
)
def test_a_tag_may_have_any_version(
    objects: kubernetes.client.CustomObjectsApi, version: str
) -> None:
    assert Tag.parse(create(objects, tag({"version": version}))).version == version


def test_a_tags_name_stands_for_its_version(objects: kubernetes.client.CustomObjectsApi) -> None:
    named = tag({"version": None})
    named["metadata"]["name"] = "1.22.0-rc.1"

    assert Tag.parse(create(objects, named)).version == "1.22.0-rc.1"


@pytest.mark.parametrize(
    "field", ["repository", "version", "tagPrefix", "versionPattern", "branch"]
)
def test_a_tags_identity_may_not_be_changed(kinds: Kubectl, field: str) -> None:
    kept = kinds.create(tag({"tagPrefix": "v"}))
    other = {"repository": "github.com/a/b", "version": "9.9.9", "tagPrefix": "w"}
    kept["spec"][field] = (other | {"versionPattern": "w(?P<version>.+)", "branch": "main"})[field]

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


@pytest.mark.parametrize(("values", "message"), PARAMETERS_REFUSED)
def test_a_tag_may_not_have_such_a_value(
    objects: kubernetes.client.CustomObjectsApi, values: dict[str, Any], message: str
) -> None:
    assert message in refusal(objects, tag({"parameters": values}))


def test_a_tag_may_have_values(objects: kubernetes.client.CustomObjectsApi) -> None:
    values = {"JIRA": "OCPBUGS-1", "NOTE": "$(id) {{x}} `y` ü"}

    assert Tag.parse(create(objects, tag({"parameters": values}))).spec.parameters == values
