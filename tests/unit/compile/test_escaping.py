"""Scripts come through Argo and Kubernetes as they were written."""

import random
import re

import pytest

from resync_argo.compile.escaping import escape_expansion, escape_script

SCRIPTS = [
    "",
    "go list -f '{{.Dir}}'",
    "{{{x}}}",
    "{{{{",
    "a <@ b {{",
    "<@@{{<@{{@",
    "<{{@",
    "$$ $(x) $x ${x} $",
    "$$$((1+2))$$",
    "'$$(HOME)'",
]


def _restored(script: str) -> str:
    """Undo the escaping as Kubernetes and then the step wrapper do."""
    escaped = escape_script(script)
    return _expanded(escape_expansion(escaped.text)).replace(escaped.token, "{{")


def _expanded(text: str) -> str:
    """Expand as Kubernetes describes it: `$$` is `$`, a reference to nothing stays as it is."""
    return re.sub(r"\$\$|\$\([^)]*\)", lambda m: "$" if m[0] == "$$" else "<expanded>", text)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_arrives_as_it_was_written(script: str) -> None:
    assert _restored(script) == script


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_is_left_that_argo_would_replace(script: str) -> None:
    escaped = escape_script(script)

    assert "{{" not in escaped.text
    assert "{{" not in escaped.token


@pytest.mark.parametrize("seed", range(100))
def test_any_mixture_arrives_as_it_was_written(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    script = "".join(dice.choices("{}<@$()x\n", k=40))

    assert _restored(script) == script
    assert "{{" not in escape_script(script).text
