"""The form of a reason: one CamelCase word for programs, and sentences that explain it to people.

Source of the form: the Kubernetes API conventions, "Typical status properties".
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Who has to act; the value is the word that people read."""

    STATE = "state"
    """It says where things stand."""
    PASSING = "passing"
    """A temporary problem, which is tried again automatically."""
    PERSON = "person"
    """Nothing goes on until a person acts."""
    OURS = "bug"
    """The program is at fault."""


class Section(str):
    """A place where reasons appear; the string is its heading in docs/conditions.md.

    Attributes:
        on: the heading above it: a kind of object, or another place with reasons.
        about: Markdown that introduces the reasons.
    """

    on: str
    about: str

    def __new__(cls, name: str, *, on: str, about: str) -> "Section":
        """Create the string with its attributes."""
        self = super().__new__(cls, name)
        self.on, self.about = on, about
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """Return what a copy is made from."""
        return (str(self),), {"on": self.on, "about": self.about}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A place where a reason appears.

    Attributes:
        section: a type of condition, or another place.
        status: the condition's status, "True", "False" or "Unknown"; "" if it is not a condition.
        phase: the Sync's phase at that time; "" if the section has no phases.
    """

    section: Section
    status: str = ""
    phase: str = ""


class ConditionType(Section):
    """The type of a condition in `status.conditions`."""

    @property
    def true(self) -> Shown:
        """Return where reasons for status True appear."""
        return Shown(section=self, status="True")

    @property
    def false(self) -> Shown:
        """Return where reasons for status False appear."""
        return Shown(section=self, status="False")

    @property
    def unknown(self) -> Shown:
        """Return where reasons for status Unknown appear."""
        return Shown(section=self, status="Unknown")


class Reason(str):
    """One CamelCase word that explains a state; compared, printed and serialized it is that word.

    Pydantic models keep only the word: look up its kind in `catalogue.REASONS`.

    Attributes:
        kind: who has to act.
        meaning: a few sentences for people.
        action: what they can do about it; "" if there is nothing to do.
        shown: the places where it appears; docs/conditions.md explains it at the first of them.
    """

    kind: Kind
    meaning: str
    action: str
    shown: tuple[Shown, ...]

    def __new__(
        cls, word: str, kind: Kind, meaning: str, action: str = "", *, shown: tuple[Shown, ...]
    ) -> "Reason":
        """Create the string with its attributes."""
        self = super().__new__(cls, word)
        self.kind, self.meaning, self.action, self.shown = kind, meaning, action, shown
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str, Kind, str, str], dict[str, tuple[Shown, ...]]]:
        """Return what a copy is made from."""
        return (str(self), self.kind, self.meaning, self.action), {"shown": self.shown}
