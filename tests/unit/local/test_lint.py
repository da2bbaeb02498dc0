"""What `lint` finds, where, and what it says."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from resync_argo.cli import cli
from resync_argo.local.lint.findings import Finding, Severity
from resync_argo.local.lint.program import lint
from resync_argo.local.lint.rules import RULES
from resync_argo.local.lint.schema import plan_schema
from tests.apiserver.test_crds import ADMITTED, REFUSED, plan

SAMPLES = Path(__file__).parents[2] / "samples"

SOUND = """\
apiVersion: resync.openshift.io/v1alpha1
kind: Plan
metadata:
  name: z-release
spec:
  config:
    upstream:
      name: github.com/kubernetes/kubernetes
      matchedVersions: [1.21.x]
    downstream:
      name: github.com/openshift/kubernetes
      branch: release-4.8
    image: example.com/image:1
    github:
      credentials:
        secretSelector: github-secret
  steps:
  - name: Git merge
    run: |
      git fetch --all
      git merge $UPSTREAM_TAG
  - name: Create PR
    action:
      type: pull-request
      title: "Sync $UPSTREAM_VERSION"
"""
STEP = "  - name: Create PR\n"


def find(folder: Path, text: str) -> list[Finding]:
    file = folder / "plan.yaml"
    file.write_text(text)
    return lint([file])


def shown(findings: list[Finding]) -> list[str]:
    return [f"{it.line}:{it.column} {it.severity} {it.message}" for it in findings]


def rules(schema: object) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= {rule["message"] for rule in schema.get("x-kubernetes-validations", ())}
        for inner in schema.values():
            found |= rules(inner)
    if isinstance(schema, list):
        found = set().union(*(rules(inner) for inner in schema)) if schema else found
    return found


def test_a_sound_plan_has_no_findings(tmp_path: Path) -> None:
    assert find(tmp_path, SOUND) == []


def test_every_rule_of_the_crd_is_said_in_python() -> None:
    assert rules(plan_schema()["properties"]["spec"]) | rules(
        {"x-kubernetes-validations": plan_schema()["x-kubernetes-validations"]}
    ) == set(RULES)


@pytest.mark.parametrize(
    ("path", "value", "message"), REFUSED, ids=[f"{n}-{it[0]}" for n, it in enumerate(REFUSED)]
)
def test_what_the_api_server_refuses_is_an_error(
    tmp_path: Path, path: str, value: object, message: str
) -> None:
    found = find(tmp_path, yaml.safe_dump(plan({path: value})))

    errors = [it.message for it in found if it.severity is Severity.ERROR]
    assert errors
    if any(message in rule for rule in RULES):
        assert any(message in error for error in errors)


@pytest.mark.parametrize("change", ADMITTED, ids=lambda change: next(iter(change)))
def test_what_the_api_server_admits_is_no_error(tmp_path: Path, change: dict[str, object]) -> None:
    found = find(tmp_path, yaml.safe_dump(plan(change)))

    assert [it.message for it in found if it.severity is Severity.ERROR] == []


def test_the_founding_documents_plan_is_admitted_and_its_defects_are_warnings() -> None:
    found = shown(lint([SAMPLES / "plan.yaml"]))

    assert found == [
        "33:10 warning `sed` only prints the changed text here: add `-i` to change the file",
        "39:10 warning `$k8s_tag` is defined nowhere: define it in `config.env`, or take it out",
        "39:10 warning `sed` only prints the changed text here: add `-i` to change the file",
        "49:14 warning `$BUGZILLA_ID` is defined nowhere: define it in `config.env`, or take it out;"
        " the action would fail",
    ]


def test_the_mended_plan_has_no_findings() -> None:
    assert lint([SAMPLES / "plan-mended.yaml"]) == []


def test_all_findings_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SOUND.replace("image:", "imagee:").replace("release-4.8", "-x")

    found = shown(find(tmp_path, text))

    assert found[0] == "7:5 error `image` must be given"
    assert any(it.startswith("12:15 error `branch` must be the name") for it in found)
    assert "13:5 error there is no field `imagee` here; did you mean `image`?" in found


def test_a_key_that_is_written_twice_is_an_error(tmp_path: Path) -> None:
    text = SOUND.replace("    image:", "    image: a:1\n    image:")

    assert shown(find(tmp_path, text)) == [
        "14:5 error `image` is written twice here; only one counts"
    ]


def test_text_that_is_no_yaml_is_an_error_where_it_breaks(tmp_path: Path) -> None:
    found = find(tmp_path, SOUND.replace("[1.21.x]", "[1.21.x"))

    assert [it.severity for it in found] == [Severity.ERROR]
    assert "this is not YAML" in found[0].message


def test_a_range_that_no_version_fits_is_an_error_with_what_may_be_written(tmp_path: Path) -> None:
    found = shown(find(tmp_path, SOUND.replace("1.21.x", "1.21.2.3")))

    assert len(found) == 1
    assert found[0].startswith(
        "9:25 error `1.21.2.3` in `config.upstream.matchedVersions` is not a"
    )


def test_a_path_that_leads_nowhere_is_an_error_with_the_paths_that_exist(tmp_path: Path) -> None:
    env = "    env:\n    - name: A\n      from: .config.upstream.nmae\n    github:"

    found = shown(find(tmp_path, SOUND.replace("    github:", env)))

    assert len(found) == 1
    assert found[0].startswith("16:13 error `.config.upstream.nmae`")
    assert "`.config.upstream.name`" in found[0]


@pytest.mark.parametrize(
    ("script", "warned"),
    [
        ("echo $NOWHERE", True),
        ("echo ${NOWHERE}", True),
        ("echo ${NOWHERE:-x}", False),
        ("echo '$NOWHERE'", False),
        ('echo "$NOWHERE"', True),
        ("NOWHERE=1\necho $NOWHERE", False),
        ("for NOWHERE in a b; do echo $NOWHERE; done", False),
        ("read -r NOWHERE <VERSION; echo $NOWHERE", False),
        ("echo $UPSTREAM_VERSION $HOME $1 $?", False),
        (r"echo \$NOWHERE", False),
    ],
)
def test_a_variable_that_is_defined_nowhere_is_a_warning(
    tmp_path: Path, script: str, *, warned: bool
) -> None:
    found = find(tmp_path, with_step(f"{script}\ngit commit -am x"))

    assert [it.severity for it in found] == [Severity.WARNING] * warned


@pytest.mark.parametrize(
    ("script", "warned"),
    [
        ("sed s/a/b/ go.mod", True),
        ("sed -E 's/a/b/; s/c/d/' go.mod", True),
        ("sed -i s/a/b/ go.mod", False),
        ("sed -Ei.bak s/a/b/ go.mod", False),
        ("sed s/a/b/ go.mod >x && mv x go.mod", False),
        ("cat go.mod | sed s/a/b/ | tee x", False),
        ("V=$(sed s/a/b/ VERSION)\necho $V", False),
        ("git push origin HEAD", True),
        ("git -C . push", False),
        ("echo 'git push'", False),
    ],
)
def test_commands_that_do_not_do_what_they_seem_to_are_warnings(
    tmp_path: Path, script: str, *, warned: bool
) -> None:
    found = find(tmp_path, with_step(f"{script}\ngit commit -am x"))

    assert [it.severity for it in found] == [Severity.WARNING] * warned


def test_a_warning_about_a_script_names_the_line_in_the_file(tmp_path: Path) -> None:
    found = find(tmp_path, SOUND.replace("$UPSTREAM_TAG", "$UPSTREAM_TGA"))

    assert [(it.line, it.column) for it in found] == [(21, 1)]


def test_changes_after_the_last_commit_are_a_warning(tmp_path: Path) -> None:
    found = shown(find(tmp_path, with_step("make update")))

    assert len(found) == 1
    assert "no later step commits" in found[0]


def test_two_plans_for_one_branch_and_range_are_a_warning(tmp_path: Path) -> None:
    other = SOUND.replace("name: z-release", "name: other")

    found = shown(find(tmp_path, f"{SOUND}---\n{other}"))

    assert len(found) == 1
    assert "the Plan `z-release` syncs the same versions into the same branch" in found[0]


def test_the_command_exits_with_one_where_something_was_found(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(SOUND)
    (tmp_path / "bad.yaml").write_text(SOUND.replace("release-4.8", "-x"))

    good = CliRunner().invoke(cli, ["lint", str(tmp_path / "good.yaml")])
    bad = CliRunner().invoke(cli, ["lint", str(tmp_path / "bad.yaml"), "--format", "json"])
    none = CliRunner().invoke(cli, ["lint", str(tmp_path / "none.yaml")])

    assert (good.exit_code, good.output) == (0, "")
    assert bad.exit_code == 1
    assert json.loads(bad.output)[0]["line"] == 12
    assert none.exit_code == 2


def test_githubs_annotations_name_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(SOUND.replace("release-4.8", "-x"))

    told = CliRunner().invoke(cli, ["lint", str(file), "--format", "github"])

    assert told.output.startswith(f"::error file={file},line=12,col=15::`branch` must be")


def with_step(script: str) -> str:
    lines = "".join(f"      {line}\n" for line in script.splitlines())
    return SOUND.replace(STEP, f"  - run: |\n{lines}{STEP}")
