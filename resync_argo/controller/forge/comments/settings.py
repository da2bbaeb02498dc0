"""Reads and checks settings in comments such as `/resync set JIRA=ABC-1`, and replies to invalid ones.

Each setting is on a line of its own. All of them count, unlike other commands, of which only the
newest does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.api.parameters.values import unknown
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Comment, Forge
from resync_argo.names import REFUSED_MARK

MAX_SETTINGS = 20
"""How many settings in one comment; a Plan has as many parameters."""

_SETTING = re.compile(r"^/resync[ \t]+set(?:[ \t]+([^\r\n]*))?\r?$", re.M)
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,62})=(.*)")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value that somebody set.

    Attributes:
        name: of the parameter; "" if the line does not have the form `NAME=value`.
        value: "" unsets an earlier value.
        comment: id of the comment that holds it.
    """

    name: str
    value: str
    comment: int

    def refusal(self, parameters: Sequence[Parameter]) -> str | None:
        """Return why it is invalid, as a sentence without the value; None if it is valid."""
        if not self.name:
            return "A value is set by `/resync set NAME=value`, on a line of its own."
        found = next((it for it in parameters if it.name == self.name), None)
        if found is None:
            return unknown(parameters, self.name)
        try:
            return found.refusal(self.value) if self.value else None
        except Stalled as error:
            return str(error)


def settings_in(comment: Comment) -> tuple[Setting, ...]:
    """Return a comment's settings, in order."""
    return tuple(_settings(comment))[-MAX_SETTINGS:]


def _settings(comment: Comment) -> Iterator[Setting]:
    for words in _SETTING.findall(comment.body):
        found = _ASSIGNED.fullmatch(words.strip())
        name, value = found.groups() if found else ("", "")
        yield Setting(name=name, value=value.strip(), comment=comment.id)


def judge(
    settings: Iterable[Setting], parameters: Sequence[Parameter]
) -> tuple[tuple[Setting, ...], dict[int, list[str]]]:
    """Return the valid settings, and for each comment with invalid ones the errors."""
    accepted, refused = [], dict[int, list[str]]()
    for setting in settings:
        sentence = setting.refusal(parameters)
        if sentence is None:
            accepted.append(setting)
        else:
            refused.setdefault(setting.comment, []).append(sentence)
    return tuple(accepted), refused


def answer(forge: Forge, number: int, refused: Mapping[int, Sequence[str]]) -> None:
    """Reply on a pull request to each comment with invalid settings, once per comment.

    Raises:
        Stalled: the forge takes no answer.
        Transient: the forge does not answer.
    """
    said = "\n".join(comment.body for comment in forge.list_comments(number))
    for comment, sentences in refused.items():
        mark = f"{REFUSED_MARK} {comment} -->"
        if mark not in said:
            told = "\n".join(f"- {sentence}" for sentence in dict.fromkeys(sentences))
            forge.comment(number, f"Not set:\n\n{told}\n\n{mark}")
