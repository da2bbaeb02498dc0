"""Passes a person's text through Argo and Kubernetes unchanged.

Argo replaces `{{…}}` everywhere in a template ("Workflow Variables"), with no way to escape it. So
each `{{` of a script becomes a token that is not in the script. The token is passed as a separate
argument, and the step wrapper restores `{{`. Kubernetes expands `$(NAME)` in arguments and in
values of variables, and turns `$$` into `$` ("Define Dependent Environment Variables").
"""

import itertools
import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EscapedScript:
    """A script without `{{`.

    Attributes:
        token: stands for `{{`; does not otherwise occur in the script.
        text: the script with the token in place of each `{{`.
    """

    token: str
    text: str


def escape_script(script: str) -> EscapedScript:
    """Return the script in a form that Argo does not change; `text.replace(token, "{{")` undoes it."""
    token = next(t for t in _tokens() if t not in script)
    return EscapedScript(token=token, text=script.replace("{{", token))


def escape_expansion(text: str) -> str:
    """Return text that Kubernetes expands to the given one."""
    return re.sub(r"\$(?=[$(])", "$$", text)


def _tokens() -> "itertools.chain[str]":
    # `<` is first and nowhere else, so no token can begin within another one, and a token never
    # merges with its surroundings.
    return itertools.chain.from_iterable([f"<{'@' * n}"] for n in itertools.count(1))
