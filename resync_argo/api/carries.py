"""What a Plan says about carried patches, `config.carries`."""

from typing import Literal

from resync_argo.api.meta import Model

Choice = Literal["Keep", "Drop", "Fail"]


class Carries(Model):
    """Which of downstream's own commits `git carry` brings onto a new release.

    `prefixes` are the words that open the subject of a carry. `keep` and `exclude` name single
    commits, by the beginning of the id or by the subject, in which `*` matches anything. `squash`
    lists addresses of bots: the commits of each become one.
    """

    prefixes: tuple[str, ...] = ("UPSTREAM",)
    untagged: Choice = "Keep"
    unknown: Choice = "Fail"
    reverts: Literal["Keep", "Fail"] = "Fail"
    keep: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    squash: tuple[str, ...] = ()
