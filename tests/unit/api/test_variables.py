"""Variables get their values from the Plan's sources."""

from typing import Any

import pytest

from resync_argo.api.plan import Config
from resync_argo.api.variables import static_variables, tag_variables
from resync_argo.errors import Stalled
from tests.unit.compile.plans import sample, small


def _config(*env: dict[str, Any], **more: Any) -> Config:
    return small(env=list(env), **more).spec.config


def test_the_samples_variables_have_their_values() -> None:
    values = static_variables(sample("plan").spec.config)

    assert values["UPSTREAM_REF"] == "github.com/kubernetes/kubernetes"
    assert values["DOWNSTREAM_REF"] == "github.com/openshift/kubernetes"
    assert values["CHANGELOG_LINK"].startswith("https://")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (".config.upstream.name", "github.com/a/b"),
        (".config.downstream.branch", "main"),
        (".config.image", "example.com/image:1"),
        (".config.enablePrereleases", "false"),
        (".config.order", "Sequential"),
        (".config.resources.limits.memory", "1Gi"),
    ],
)
def test_a_path_into_the_plan_has_its_value(path: str, value: str) -> None:
    config = _config({"name": "A", "from": path}, resources={"limits": {"memory": "1Gi"}})

    assert static_variables(config) == {"A": value}


@pytest.mark.parametrize("field", ["version", "ref", "commit", "previous"])
def test_a_path_into_the_tag_is_left_to_the_attempt(field: str) -> None:
    config = _config({"name": "A", "from": f".tag.{field}"})

    assert static_variables(config) == {}
    assert tag_variables(config) == {"A": field}


@pytest.mark.parametrize(
    "path",
    [
        ".config.upstream",
        ".config.upstream.matchedVersions",
        ".config.downstream.fork",
        ".config.env",
        ".tag.author",
    ],
)
def test_a_path_without_a_value_is_refused(path: str) -> None:
    with pytest.raises(
        Stalled, match=r"does not lead to a value\. Possible paths: `\.config\."
    ) as refused:
        static_variables(_config({"name": "A", "from": path}))

    assert refused.value.reason == "InvalidPath"


def test_an_empty_value_is_a_value() -> None:
    assert static_variables(_config({"name": "A", "value": ""})) == {"A": ""}
