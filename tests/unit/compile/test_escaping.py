"""Scripts pass through Argo and Kubernetes unchanged."""

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
    """Expand as Kubernetes does: `$$` is `$`, and an undefined reference stays."""
    return re.sub(r"\$\$|\$\([^)]*\)", lambda m: "$" if m[0] == "$$" else "<expanded>", text)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_arrives_unchanged(script: str) -> None:
    assert _restored(script) == script


@pytest.mark.parametrize("script", SCRIPTS)
def test_argo_finds_nothing_to_replace(script: str) -> None:
    escaped = escape_script(script)

    assert "{{" not in escaped.text
    assert "{{" not in escaped.token


@pytest.mark.parametrize("seed", range(100))
def test_any_mixture_arrives_unchanged(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    script = "".join(dice.choices("{}<@$()x\n", k=40))

    assert _restored(script) == script
    assert "{{" not in escape_script(script).text
