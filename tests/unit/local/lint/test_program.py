"""The findings of `lint`, with their places and messages."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from resync_argo.cli import cli
from resync_argo.local.lint.crd.schemas import kinds, load_schema
from resync_argo.local.lint.findings import Finding, Severity
from resync_argo.local.lint.program import lint
from tests.apiserver.crds.manifests import plan, tag
from tests.apiserver.crds.plans import ADMITTED, REFUSED
from tests.apiserver.crds.test_tag import TAGS_REFUSED

SAMPLES = Path(__file__).parents[3] / "samples"

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
      trustUpstream: true
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


def test_the_sample_that_follows_a_branch_has_no_findings() -> None:
    assert lint([SAMPLES / "plan-branch.yaml"]) == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("every: 0 0 31 2 *", "`0 0 31 2 *` in `config.upstream.every` is neither"),
        ("every: 61 * * * *", "`61 * * * *` in `config.upstream.every` is neither"),
        ("tagPrefix: v", "`branch` follows none"),
    ],
)
def test_errors_about_a_branch_are_reported(tmp_path: Path, written: str, message: str) -> None:
    text = SOUND.replace("matchedVersions: [1.21.x]", f"branch: main\n      {written}")

    (finding,) = find(tmp_path, text)

    assert message in finding.message
    assert finding.severity == "error"


def test_two_plans_that_follow_branches_into_the_same_one_are_reported(tmp_path: Path) -> None:
    one = SOUND.replace("matchedVersions: [1.21.x]", "branch: main")
    both = f"{one}---\n{one.replace('z-release', 'y-release')}"

    (finding,) = find(tmp_path, both)

    assert "the Plan `z-release` syncs some of the same versions" in finding.message


def shown(findings: list[Finding]) -> list[str]:
    return [f"{it.line}:{it.column} {it.severity} {it.message}" for it in findings]


def rule_messages() -> set[str]:
    """Return the messages of all rules of the CRDs."""
    schemas = [load_schema(kind) for kind in kinds()]
    return {rule["message"] for schema in schemas for rule in _rules(schema)}


def _rules(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("x-kubernetes-validations", ())
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _rules(inner)


RULES = rule_messages()


def test_a_sound_plan_has_no_findings(tmp_path: Path) -> None:
    assert find(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("path", "value", "message"), REFUSED, ids=[f"{n}-{it[0]}" for n, it in enumerate(REFUSED)]
)
def test_what_the_api_server_refuses_is_an_error(
    tmp_path: Path, path: str, value: object, message: str
) -> None:
    assert_refused(find(tmp_path, yaml.safe_dump(plan({path: value}))), message)


@pytest.mark.parametrize(("path", "value", "message"), TAGS_REFUSED)
def test_a_tag_that_the_api_server_refuses_is_an_error(
    tmp_path: Path, path: str, value: object, message: str
) -> None:
    assert_refused(find(tmp_path, yaml.safe_dump(tag({path: value}))), message)


def assert_refused(found: list[Finding], message: str) -> None:
    """Check that there is an error, with the CRD's message if it is a rule's."""
    errors = [it.message for it in found if it.severity is Severity.ERROR]
    assert errors
    if any(message in rule for rule in RULES):
        assert any(message in error for error in errors)


@pytest.mark.parametrize("change", ADMITTED, ids=lambda change: next(iter(change)))
def test_what_the_api_server_admits_has_no_errors(
    tmp_path: Path, change: dict[str, object]
) -> None:
    found = find(tmp_path, yaml.safe_dump(plan(change)))

    assert [it.message for it in found if it.severity is Severity.ERROR] == []


def test_a_title_of_include_that_re2_does_not_know_is_an_error(tmp_path: Path) -> None:
    change = {"config.include": [{"author": "a"}, {"author": "a", "title": "(?=x)"}]}

    found = shown(find(tmp_path, yaml.safe_dump(plan(change))))

    assert any("`(?=x)` in `config.include` cannot be used" in it for it in found)


@pytest.mark.parametrize(
    ("script", "is_doubtful"),
    [
        ("git merge $UPSTREAM_TAG", True),
        ("git carry", False),
        ("git -c merge.renames=false carry", False),
        ('for ref in $RESYNC_INCLUDED; do git merge "$ref"; done', False),
        ("hack/sync.sh", False),
    ],
)
def test_an_include_that_no_step_uses_is_a_warning(
    tmp_path: Path, script: str, *, is_doubtful: bool
) -> None:
    change = {"config.include": [{"author": "a"}], "steps": [{"run": script}]}

    found = shown(find(tmp_path, yaml.safe_dump(plan(change))))

    assert any("no step takes what `include` names" in it for it in found) is is_doubtful


def test_a_tag_that_is_admitted_has_no_findings(tmp_path: Path) -> None:
    assert find(tmp_path, yaml.safe_dump(tag())) == []
    assert lint([SAMPLES / "tag.yaml"]) == []


def test_a_status_is_ignored_and_hides_no_finding(tmp_path: Path) -> None:
    text = with_step("git commit -m $NOWHERE") + "status:\n  conditions: mine\n"

    found = shown(find(tmp_path, text))

    assert len(found) == 1
    assert "warning `$NOWHERE` is defined nowhere" in found[0]


@pytest.mark.parametrize("kind", ["plan", "Secret", "", ["Plan"], None])
def test_another_kind_is_an_error_that_names_ours(tmp_path: Path, kind: object) -> None:
    found = shown(find(tmp_path, yaml.safe_dump({**plan(), "kind": kind})))

    assert len(found) == 1
    named = ", ".join(f"`{it}`" for it in kinds())
    assert found[0].endswith(f"error `kind` must be one of {named}")


def test_a_rule_is_reported_at_the_field_it_is_about(tmp_path: Path) -> None:
    fork = "branch: release-4.8\n      fork: gitlab.com/bot/kubernetes"
    action = "  - action: {type: slack-notification, channel: c}\n"

    found = shown(find(tmp_path, SOUND.replace("branch: release-4.8", fork) + action))

    assert found == [
        "7:5 error `config.slack` must name the credentials that the `slack-notification` action needs",
        "13:13 error `fork` must be on the same host as `name`",
        "28:13 error a `slack-notification` action must have `channel` and `message`, and may not have"
        " `title` or `body`",
    ]


def test_a_plan_without_a_name_gets_one_error_and_none_from_rules_about_names(
    tmp_path: Path,
) -> None:
    found = shown(find(tmp_path, SOUND.replace("  name: z-release\n", "  labels: {}\n")))

    assert len(found) == 1
    assert "`metadata.name` must be given" in found[0]


def test_keys_other_than_texts_are_unknown_fields(tmp_path: Path) -> None:
    found = find(tmp_path, SOUND.replace("    image:", "    1: a\n    2021-11-30: b\n    image:"))

    assert [it.line for it in found] == [14, 15]


@pytest.mark.parametrize("wrong", ["3", "text", "[]", "[1]", "{}", "{a: 1}", "null", "2021-11-30"])
@pytest.mark.parametrize("field", ["config", "steps", "upstream", "github"])
def test_a_value_of_any_shape_is_an_error_and_not_a_crash(
    tmp_path: Path, field: str, wrong: str
) -> None:
    """Rules about it and around it cannot be evaluated then."""
    data = yaml.safe_load(SOUND)
    inside = data["spec"] if field in ("config", "steps") else data["spec"]["config"]
    inside[field] = yaml.safe_load(wrong)

    assert find(tmp_path, yaml.safe_dump(data))


def test_the_founding_documents_plan_is_admitted_and_its_defects_are_warnings() -> None:
    found = shown(lint([SAMPLES / "plan.yaml"]))

    assert found == [
        "12:13 warning CI of this repository runs upstream's code with its secrets before anybody has"
        " reviewed it: set `fork`, or `trustUpstream: true` if that is fine",
        "33:11 warning `sed` only prints the changed text here: add `-i` to change the file",
        "39:11 warning `sed` only prints the changed text here: add `-i` to change the file",
        "39:84 warning `$k8s_tag` is defined nowhere: define it in `config.env`, or remove it",
        "49:19 warning `$BUGZILLA_ID` is defined nowhere: define it in `config.env`, or remove it;"
        " the action would fail",
    ]


def test_the_corrected_plan_has_no_findings() -> None:
    assert lint([SAMPLES / "plan-mended.yaml"]) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "git fetch --all",
            f"sed {'$NOWHERE ' * 5000}",
            "20:10 error `run` must have at most 32768",
        ),
        ("[1.21.x]", str(["-x"] * 21), "9:24 error `matchedVersions` must have at most 20 entries"),
    ],
)
def test_an_oversized_value_is_not_checked_further(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    """An untrusted list of thousands would take minutes."""
    (found,) = shown(find(tmp_path, SOUND.replace(before, after)))

    assert found.startswith(said)


def test_all_findings_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    more = "    imagee: a:1\n    env:\n    - name: A\n      from: .config.nothing\n    github:"
    text = SOUND.replace("release-4.8", "-x").replace("    github:", more)

    found = shown(find(tmp_path, text.replace("merge $UPSTREAM_TAG", "merge $NOWHERE")))

    assert len(found) == 4
    assert found[0].startswith("12:15 error `branch` must be the name")
    assert found[1] == "15:5 error there is no field `imagee` here; did you mean `image`?"
    assert found[2].startswith(
        "18:13 error `.config.nothing` in `config.env` does not lead to a value"
    )
    assert found[3].startswith("26:17 warning `$NOWHERE` is defined nowhere")


def test_a_missing_field_is_reported_where_it_belongs(tmp_path: Path) -> None:
    found = shown(find(tmp_path, SOUND.replace("image:", "imagee:")))

    assert found[0] == "7:5 error `image` must be given"
    assert found[1] == "14:5 error there is no field `imagee` here; did you mean `image`?"


def test_a_key_that_is_written_twice_is_an_error(tmp_path: Path) -> None:
    text = SOUND.replace("    image:", "    image: a:1\n    image:")

    assert shown(find(tmp_path, text)) == [
        "15:5 error `image` is written twice here; only one counts"
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_a_file_without_a_plan_is_an_error(tmp_path: Path, text: str) -> None:
    assert shown(find(tmp_path, text)) == ["1:1 error there is no Plan in this file"]


def test_an_impossible_date_is_an_error(tmp_path: Path) -> None:
    found = shown(find(tmp_path, SOUND.replace("release-4.8", "2001-13-01")))

    assert found == ["1:1 error this is not YAML: month must be in 1..12"]


def test_invalid_yaml_is_an_error_at_its_place(tmp_path: Path) -> None:
    found = find(tmp_path, SOUND.replace("[1.21.x]", "[1.21.x"))

    assert [it.severity for it in found] == [Severity.ERROR]
    assert "this is not YAML" in found[0].message


def test_an_invalid_range_is_an_error_with_the_valid_forms(tmp_path: Path) -> None:
    found = shown(find(tmp_path, SOUND.replace("1.21.x", "1.21.2.3")))

    assert len(found) == 1
    assert found[0].startswith(
        "9:25 error `1.21.2.3` in `config.upstream.matchedVersions` is not a"
    )


def test_an_unknown_path_is_an_error_with_the_existing_paths(tmp_path: Path) -> None:
    env = "    env:\n    - name: A\n      from: .config.upstream.nmae\n    github:"

    found = shown(find(tmp_path, SOUND.replace("    github:", env)))

    assert len(found) == 1
    assert found[0].startswith("17:13 error `.config.upstream.nmae`")
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
        (": ${NOWHERE:=x}\necho $NOWHERE", False),
        (". ./variables\necho $NOWHERE", False),
        ("# don't\nNOWHERE=1\necho 'x' $NOWHERE", False),
        ("cat <<EOF\nit's $NOWHERE\nEOF", True),
        ("cat <<'EOF'\n$NOWHERE\nEOF", False),
        ("echo $UPSTREAM_TAG # of $NOWHERE", False),
    ],
)
def test_an_undefined_variable_is_a_warning(tmp_path: Path, script: str, *, warned: bool) -> None:
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
        ("git -C . push", True),
        ("git stash push", False),
        ("sed s#a#b# go.mod >x && mv x go.mod", False),
        ("cat >x <<EOF\ngit push\nEOF", False),
        ("# don't\ngit push", True),
        ("find . -exec grep -l a {} \\; | sed s/a/b/", False),
        ("echo 'git push'", False),
    ],
)
def test_misleading_commands_are_warnings(tmp_path: Path, script: str, *, warned: bool) -> None:
    found = find(tmp_path, with_step(f"{script}\ngit commit -am x"))

    assert [it.severity for it in found] == [Severity.WARNING] * warned


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("$UPSTREAM_TAG", "$UPSTREAM_TGA", (22, 17)),
        ("$UPSTREAM_TAG", "\\\n        $UPSTREAM_TGA", (23, 9)),
        ("git fetch --all", "echo a &&\\\n      sed s/a/b/ c", (22, 7)),
        ("|\n      git fetch --all\n      git merge", "git merge -m 'x y'", (20, 29)),
        ("Sync $UPSTREAM_VERSION", "Sync $HOME", (26, 20)),
    ],
)
def test_a_warning_about_a_text_names_the_place_in_the_file(
    tmp_path: Path, before: str, after: str, place: tuple[int, int]
) -> None:
    text = SOUND.replace(before, after).replace("-m 'x y' $UPSTREAM_TAG", "-m 'x y' $UPSTREAM_TGA")

    found = find(tmp_path, text)

    assert [(it.line, it.column) for it in found] == [place]


def test_changes_after_the_last_commit_are_a_warning(tmp_path: Path) -> None:
    found = shown(find(tmp_path, with_step("make update")))

    assert len(found) == 1
    assert "no later step commits" in found[0]


def test_a_regenerating_step_commits(tmp_path: Path) -> None:
    steps = f"  - run: make update\n  - regenerate: GoModules\n{STEP}"

    assert find(tmp_path, SOUND.replace(STEP, steps)) == []


@pytest.mark.parametrize("script", ["git log -1", "cat VERSION\necho done", "grep -q a VERSION"])
def test_steps_that_only_look_may_follow_the_last_commit(tmp_path: Path, script: str) -> None:
    assert find(tmp_path, with_step(script)) == []


@pytest.mark.parametrize(
    "script",
    [
        "go build ./...",
        "make test",
        "make lint verify",
        "go vet ./...\ngo test ./...",
        "hack/verify-vendor.sh",
        "npm run lint",
        "cargo clippy",
        "pytest -q",
        "git push",
    ],
)
def test_a_check_may_follow_the_last_commit(tmp_path: Path, script: str) -> None:
    found = shown(find(tmp_path, with_step(script)))

    assert not [it for it in found if "no later step commits" in it]


@pytest.mark.parametrize("script", ["make update", "go generate ./...", "npm install"])
def test_a_command_that_is_not_known_as_a_check_may_change_files(
    tmp_path: Path, script: str
) -> None:
    (found,) = shown(find(tmp_path, with_step(script)))

    assert "no later step commits" in found


def test_a_warning_is_silenced_by_a_comment_and_an_error_is_not(tmp_path: Path) -> None:
    comment = "# resync-argo: ignore\n"

    assert find(tmp_path, with_step(f"{comment}make update")) == []
    assert find(tmp_path, with_step(f"git push {comment}git commit -am x")) == []
    assert find(tmp_path, SOUND.replace("release-4.8", f"-x {comment.strip()}")) != []


@pytest.mark.parametrize(
    ("script", "warned"),
    [
        ("git add -A\ngit commit -m x", True),
        ("git add -A; git commit -m x", True),
        ("git add -A && git commit -m x", True),
        ("git add -A\ngit diff --cached --quiet || git commit -m x", False),
        ("git add -A\ngit commit --allow-empty -m x", False),
        ("git add -A\ngit commit -m x || true", False),
    ],
)
def test_a_commit_that_fails_without_changes_is_a_warning(
    tmp_path: Path, script: str, *, warned: bool
) -> None:
    found = find(tmp_path, with_step(script))

    assert ["nothing to commit" in it.message for it in found] == [True] * warned


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "secretSelector: github-secret",
            "secretSelector: {name: github-secret}",
            "`secretSelector` must be text, and not a mapping: write `secretSelector: github-secret`",
        ),
        (
            "[1.21.x]",
            "[1.10]",
            "this must be text; write `1.10.x` for all versions that begin with 1.10",
        ),
        (
            "[1.21.x]",
            '["1.10"]',
            "`1.10` in `config.upstream.matchedVersions` is not a full version: write `1.10.x` for all"
            " versions that begin with 1.10.",
        ),
        ("[1.21.x]", "[v1.x]", "and `v1.x` is none: write versions without `v`"),
        ("[1.21.x]", '[">=1.0, <2"]', "comparisons with spaces between them"),
        ("[1.21.x]", '["1.9 || 1.10"]', "and alternatives as entries of their own"),
        (
            "    image:",
            "    run: x\n    image:",
            "there is no field `run` here; it belongs in `spec.steps[]`",
        ),
        (
            "  steps:",
            "  order: Latest\n  steps:",
            "there is no field `order` here; it belongs in `spec.config`",
        ),
        (
            "\n    image:",
            "\n   image:",
            "this line does not fit what begins on line 6: indent it like its neighbours",
        ),
        ("    image:", "\timage:", "a tab cannot indent YAML: use spaces"),
        ("name: z-release", "name: a: b", "a `:` is not expected here: quote the text"),
        ("[1.21.x]", "[1.21.x", "what begins on line 9 is not closed"),
        ("name: z-release", "name: 'z", "is not closed: add the missing quote"),
    ],
)
def test_a_usual_mistake_is_answered_with_what_to_write(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    (found, *_) = shown(find(tmp_path, SOUND.replace(before, after, 1)))

    assert said in found


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(SOUND.encode("utf-16"))

    assert [it.message for it in lint([file])] == [
        "this is not text in UTF-8: save the file as UTF-8"
    ]


def test_a_plan_may_come_from_standard_input() -> None:
    told = CliRunner().invoke(cli, ["lint", "-"], input=SOUND.replace("release-4.8", "-x"))

    assert told.exit_code == 1
    assert told.output.startswith("<stdin>:12:15: error: `branch` must be")


def test_a_terminal_shows_that_there_are_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(SOUND)
    ours, theirs = os.openpty()

    done = subprocess.run(
        [Path(sys.executable).with_name("resync-argo"), "lint", file],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )

    assert done.stdout == b""
    assert os.read(ours, 1000).strip() == b"1 file checked, nothing found."
    os.close(ours)
    os.close(theirs)


def test_two_plans_for_one_branch_and_range_are_a_warning(tmp_path: Path) -> None:
    other = SOUND.replace("name: z-release", "name: other")

    third = other.replace("name: other", "name: third").replace(
        "[1.21.x]", "[1.21.x]\n      tagPrefix: api/v"
    )

    found = shown(find(tmp_path, f"{SOUND}---\n{other}---\n{third}"))

    assert len(found) == 1
    assert "the Plan `z-release` syncs some of the same versions into the same branch" in found[0]


@pytest.mark.parametrize(
    ("text", "count"), [("1.x", 1), (">1.21.4 <2.0.0", 1), ("1.20.x", 0), (">=1.22.0", 0)]
)
def test_ranges_of_two_plans_may_overlap_in_part(tmp_path: Path, text: str, count: int) -> None:
    other = SOUND.replace("name: z-release", "name: other").replace("[1.21.x]", f'["{text}"]')

    assert len(find(tmp_path, f"{SOUND}---\n{other}")) == count


def test_the_command_exits_with_one_if_there_are_findings(tmp_path: Path) -> None:
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


def test_a_suspend_reason_on_an_active_plan_is_a_warning(tmp_path: Path) -> None:
    text = SOUND.replace("spec:\n", "spec:\n  suspendReason: CI is down\n", 1)

    (found,) = shown(find(tmp_path, text))

    assert found.startswith("6:")
    assert "but `suspend` is not set" in found
    assert find(tmp_path, text.replace("spec:\n", "spec:\n  suspend: true\n", 1)) == []


def test_an_invalid_minimum_age_is_an_error_with_examples(tmp_path: Path) -> None:
    age = "[1.21.x]\n      minimumAge: 3 days"

    (found,) = shown(find(tmp_path, SOUND.replace("[1.21.x]", age)))

    assert found.startswith("10:")
    assert "such as `3d`, `72h` or `1d12h`" in found


def test_ci_that_runs_unreviewed_code_is_a_warning(tmp_path: Path) -> None:
    trust = "trustUpstream: true"
    (found,) = shown(find(tmp_path, SOUND.replace(trust, "trustUpstream: false")))

    assert found.startswith(
        "11:13 warning CI of this repository runs upstream's code with its secrets"
    )
    assert find(tmp_path, SOUND.replace(trust, "fork: github.com/bot/kubernetes")) == []


def with_parameter(**fields: str) -> str:
    """Return a sound Plan that has a parameter and uses it everywhere."""
    known = {"name": "JIRA", "pattern": "'[A-Z]+-[0-9]+'"} | fields
    lines = "".join(f"      {name}: {value}\n" for name, value in known.items())
    declared = "    parameters:\n    -" + lines[5:] + "    github:\n"
    used = SOUND.replace('"Sync $UPSTREAM_VERSION"', '"${JIRA:+$JIRA: }Sync"')
    used = used.replace("git merge $UPSTREAM_TAG", 'git merge -m "$JIRA" $UPSTREAM_TAG')
    return used.replace("    github:\n", declared)


def test_only_a_declared_parameter_is_a_variable(tmp_path: Path) -> None:
    assert find(tmp_path, with_parameter()) == []
    undeclared = find(tmp_path, with_parameter(name="ISSUE"))
    assert ["`$JIRA` is defined nowhere" in it.message for it in undeclared] == [True, True]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pattern": "'(?=x)'"}, "Write a regular expression of RE2 that whole values match"),
        ({"default": "a\u200bb", "pattern": "'.*'"}, "JIRA must be one line"),
    ],
)
def test_an_unusable_parameter_is_reported(
    tmp_path: Path, fields: dict[str, str], message: str
) -> None:
    (finding,) = find(tmp_path, with_parameter(**fields))

    assert message in finding.message
    assert (finding.severity, finding.line) == ("error", 16)
