"""The parameters of a Plan, `config.parameters`: values that people set for one release, such as a Jira key.

A value is untrusted text. It must be one line without control characters, match the parameter's
pattern, and not look like a command-line option. All values are checked here, wherever people set
them.
"""

from resync_argo.api.meta import Model
from resync_argo.api.patterns import Pattern, compile_pattern
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_PATTERN

MAX_VALUE = 256
"""Characters."""

_LINE = compile_pattern(r"[^-\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?")


class Parameter(Model):
    """A variable whose value people set for one release.

    `pattern` is an RE2 regular expression that the whole value must match. Without a value, a
    release gets `default`, or an empty value; if a value is `required`, the release waits for one.
    """

    name: str
    pattern: str
    default: str | None = None
    required: bool = False
    description: str = ""

    def refusal(self, value: str) -> str | None:
        """Return a sentence that explains what a value must look like; None if it is valid.

        Raises:
            Stalled: reason `InvalidPattern`, as of `check`.
        """
        if len(value) > MAX_VALUE or not _LINE.fullmatch(value):
            return (
                f"{self.name} must be one line of at most {MAX_VALUE} printable characters that does not begin with"
                " `-`, and neither begins nor ends with a space."
            )
        return None if self._compiled().fullmatch(value) else f"{self.name} {self.rule}."

    @property
    def rule(self) -> str:
        """Return the requirements on its values, as the end of a sentence."""
        told = f" ({self.description})" if self.description else ""
        return f"must match `{self.pattern}`{told}"

    def check(self) -> None:
        """Check that the parameter can be used.

        Raises:
            Stalled: reason `InvalidPattern`; RE2 rejects the pattern, or the default does not match
                it.
        """
        self._compiled()
        if self.default is not None and (refused := self.refusal(self.default)) is not None:
            raise Stalled(INVALID_PATTERN, f"`default` in `config.parameters`: {refused}")

    def _compiled(self) -> Pattern:
        try:
            return compile_pattern(self.pattern)
        except ValueError as error:
            raise Stalled(
                INVALID_PATTERN,
                f"`{self.pattern}`, the `pattern` of {self.name} in `config.parameters`, cannot be used: {error}."
                " Write a regular expression of RE2 that whole values match, such as `[A-Z]+-[0-9]+`.",
            ) from None
