"""For any file, lint says what is wrong with it, and where."""

from pathlib import Path

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.local.lint.crd.cel import compile_expression
from resync_argo.local.lint.program import lint
from tests.fuzzing.examples import examples
from tests.fuzzing.manifests import manifests
from tests.fuzzing.texts import json_values, texts

PIECES = (
    *("a: ", "- ", "\n", "\n  ", "{", "}", "[", "]", "&a ", "*a", "<<: *a", "!!binary ", "---\n"),
    *("!!python/object:os.system ", "? ", "|", ">", "%YAML 1.1", "0x", "2021-13-45", ".nan", "~"),
    *("kind: Plan", "spec: ", "metadata: ", "apiVersion: resync.openshift.io/v1alpha1\n", "\t"),
)
YAML = st.lists(st.sampled_from(PIECES) | texts(max_size=2), max_size=30).map("".join)

# celpy raises the interpreter's limit of recursion at its first use, which hypothesis would warn of.
compile_expression("true")


def assert_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(content)

    for finding in lint([file]):
        assert finding.file == str(file)
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message.strip()


@examples()
@given(content=st.binary(max_size=60) | YAML.map(str.encode))
@example(content=b"kind: Plan\nspec: " + b"[" * 3000)
@example(content=b"&a [*a]")
@example(content=b"kind: Plan\nmetadata: &a\n  name: *a\n")
@example(content=b"? {a: b}\n: c\nkind: Plan\n")
@example(content=b"kind: Plan\n1: 2\n")
@example(content=b"kind: Plan\nspec:\n  steps:\n  - run: 2021-01-01\n")
def test_any_file_gets_findings_with_places(tmp_path: Path, content: bytes) -> None:
    assert_told(tmp_path, content)


@examples(0.5)
@given(
    manifest=manifests("Plan"),
    style=st.sampled_from(["|", '"', "'", None]),
    status=st.none() | json_values(),
)
def test_any_object_gets_findings_with_places(
    tmp_path: Path, manifest: dict[str, object], style: str | None, status: object
) -> None:
    text = yaml.safe_dump(manifest | {"status": status}, default_style=style, allow_unicode=True)

    assert_told(tmp_path, text.encode())
