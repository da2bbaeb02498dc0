"""Commands read exactly one valid Plan from a file."""

from pathlib import Path

import pytest
import yaml

from resync_argo.errors import UsageError
from resync_argo.local.plan_file import load_plan
from tests.apiserver.crds.manifests import plan, tag


def load(folder: Path, *manifests: dict[str, object]) -> str:
    file = folder / "file.yaml"
    file.write_text(yaml.safe_dump_all(manifests))
    return load_plan(file).metadata.name


def test_the_one_plan_of_a_file_is_read(tmp_path: Path) -> None:
    manifest = plan()

    assert load(tmp_path, manifest) == manifest["metadata"]["name"]


def test_another_kind_is_not_a_plan(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must hold a Plan, and it holds another kind"):
        load(tmp_path, tag())


def test_two_plans_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it holds 2 documents"):
        load(tmp_path, plan(), plan())


def test_a_plan_that_a_cluster_would_refuse_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`branch` must be the name of a branch as git allows it"):
        load(tmp_path, plan({"config.downstream.branch": "-x"}))
