"""What a reason is: one CamelCase word for machines, with what it means to people.

Source of the form: the Kubernetes API conventions, "Typical status properties".
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Who makes things go on; the value is the word that people read."""

    STATE = "state"
    """It says where things stand."""
    PASSING = "passing"
    """A temporary problem: it is tried again without anybody's help."""
    PERSON = "person"
    """A person must act; nothing goes on before."""
    OURS = "bug"
    """The program is at fault."""


class Section(str):
    """A place where people meet reasons; the string is its heading in docs/conditions.md.

    Attributes:
        on: the heading above it: a kind of object, or what else shows reasons.
        about: Markdown that introduces the reasons.
    """

    on: str
    about: str

    def __new__(cls, name: str, *, on: str, about: str) -> "Section":
        """Make the string and keep the attributes."""
        self = super().__new__(cls, name)
        self.on, self.about = on, about
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """Return what a copy is made from."""
        return (str(self),), {"on": self.on, "about": self.about}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where a reason shows.

    Attributes:
        section: a type of condition, or another place.
        status: the condition's status, "True", "False" or "Unknown"; "" where it is not a condition.
        phase: the Sync's phase meanwhile; "" where the section has no phases.
    """

    section: Section
    status: str = ""
    phase: str = ""


class ConditionType(Section):
    """The type of a condition in `status.conditions`."""

    @property
    def true(self) -> Shown:
        """Return the place of reasons for status True."""
        return Shown(section=self, status="True")

    @property
    def false(self) -> Shown:
        """Return the place of reasons for status False."""
        return Shown(section=self, status="False")

    @property
    def unknown(self) -> Shown:
        """Return the place of reasons for status Unknown."""
        return Shown(section=self, status="Unknown")


class Reason(str):
    """One CamelCase word that explains a state; it compares, prints and dumps as that word.

    Pydantic models keep the bare word: look its kind up in `catalogue.REASONS`.

    Attributes:
        kind: who makes things go on.
        meaning: one or two sentences for people.
        action: what they do about it; "" where there is nothing to do.
        shown: where it shows; docs/conditions.md explains it at the first of these places.
    """

    kind: Kind
    meaning: str
    action: str
    shown: tuple[Shown, ...]

    def __new__(
        cls, word: str, kind: Kind, meaning: str, action: str = "", *, shown: tuple[Shown, ...]
    ) -> "Reason":
        """Make the string and keep the attributes."""
        self = super().__new__(cls, word)
        self.kind, self.meaning, self.action, self.shown = kind, meaning, action, shown
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str, Kind, str, str], dict[str, tuple[Shown, ...]]]:
        """Return what a copy is made from."""
        return (str(self), self.kind, self.meaning, self.action), {"shown": self.shown}
