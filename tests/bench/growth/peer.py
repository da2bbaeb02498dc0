"""rebasebot's own run as a separate program: `PYTHON peer.py URL BRANCH TAG FOLDER`.

RESYNC_BENCH_REBASEBOT names PYTHON, an interpreter that has rebasebot; without it nothing is
measured. rebasebot only supports github.com, so a stand-in answers that there are no pull requests
yet and that one was opened. rebasebot itself fetches, picks and pushes, and stops if a pick would
lose upstream's changes (`--conflict-policy strict`).
"""

import importlib
import logging
import os
import sys
from types import SimpleNamespace
from typing import Any

PYTHON = os.environ.get("RESYNC_BENCH_REBASEBOT")
"""The interpreter that has rebasebot."""

BRANCH = "rebase-bot"
"""The branch that it pushes."""


CONFLICT = 3
"""The exit code where a person has to resolve a conflict; 1 is any other failure."""


class _GitHub:
    """The part of github3's client that rebasebot uses."""

    session = SimpleNamespace(auth=SimpleNamespace(token="none"))

    def repository(self, owner: str, name: str) -> Any:
        return SimpleNamespace(clone_url=f"{owner}/{name}", pull_requests=lambda **_: [])

    def _post(self, url: str, **_: object) -> Any:
        opened = {"html_url": f"{url}/1"}
        return SimpleNamespace(json=lambda: opened, raise_for_status=lambda: None)


class _NoHooks:
    """A configuration without scripts: rebasebot's own reads its command line."""

    def fetch_hook_scripts(self, **_: object) -> None:
        """There are none."""

    def execute_scripts_for_hook(self, **_: object) -> None:
        """There are none."""


class _Stops(logging.Handler):
    """Notices that rebasebot logs a conflict: it returns the same at any failure."""

    seen = False

    def emit(self, record: logging.LogRecord) -> None:
        self.seen |= record.getMessage().startswith("Manual intervention is needed")


def main() -> None:
    """Rebase the branch onto the tag, and end with 3 where a person has to."""
    url, branch, tag, folder = sys.argv[1:]
    sys.stdout = sys.stderr
    stops = _Stops()
    logging.basicConfig(level="INFO", handlers=[stops, logging.StreamHandler()])
    bot = importlib.import_module("rebasebot.bot")
    github = importlib.import_module("rebasebot.github")

    def side(name: str, ref: str) -> Any:
        return github.GitHubBranch(f"{url}/{name}/project", name, "project", ref)

    client = _GitHub()
    provider = SimpleNamespace(
        github_app=client,
        github_cloner_app=client,
        get_app_token=lambda: "none",
        get_cloner_token=lambda: "none",
    )
    went_well = bot.run(
        source=side("upstream", tag),
        dest=side("downstream", branch),
        rebase=side("downstream", BRANCH),
        working_dir=folder,
        git_username="Ada",
        git_email="ada@example.org",
        github_app_provider=provider,
        slack_webhook=None,
        tag_policy="none",
        conflict_policy="strict",
        bot_emails=[],
        exclude_commits=[],
        hooks=_NoHooks(),
    )
    sys.exit(0 if went_well else CONFLICT if stops.seen else 1)


if __name__ == "__main__":
    main()
