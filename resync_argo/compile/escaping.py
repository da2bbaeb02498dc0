"""How a person's text goes through Argo and Kubernetes and arrives as it was written.

Argo replaces `{{…}}` wherever it stands in a template ("Workflow Variables"), with no way to escape
it. So each `{{` of a script becomes a token that the script does not hold, the token goes along as an
argument of its own, and the step wrapper puts `{{` back. Kubernetes expands `$(NAME)` in arguments
and in values of variables, and turns `$$` into `$` ("Define Dependent Environment Variables").
"""

import itertools
import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EscapedScript:
    """A script without `{{`.

    Attributes:
        token: stands for `{{`; does not occur in the script by itself.
        text: the script with the token in place of each `{{`.
    """

    token: str
    text: str


def escape_script(script: str) -> EscapedScript:
    """Return the script in a form that Argo leaves alone; `text.replace(token, "{{")` undoes it."""
    token = next(t for t in _tokens() if t not in script)
    return EscapedScript(token=token, text=script.replace("{{", token))


def escape_expansion(text: str) -> str:
    """Return text that Kubernetes expands to the given one."""
    return re.sub(r"\$(?=[$(])", "$$", text)


def _tokens() -> "itertools.chain[str]":
    # `<` stands first and nowhere else, so no token can begin within another one, and a token never
    # joins with what stands before or behind it.
    return itertools.chain.from_iterable([f"<{'@' * n}"] for n in itertools.count(1))
