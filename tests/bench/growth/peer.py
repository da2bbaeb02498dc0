"""rebasebot's own run as a separate program: `PYTHON peer.py URL BRANCH TAG FOLDER`.

RESYNC_BENCH_REBASEBOT names PYTHON, an interpreter that has rebasebot; without it nothing is
measured. rebasebot only supports github.com, so a stand-in answers that there are no pull requests
yet and that one was opened. rebasebot itself fetches, picks and pushes, and stops if a pick would
lose upstream's changes (`--conflict-policy strict`).
"""

import importlib
import os
import sys
from types import SimpleNamespace
from typing import Any

PYTHON = os.environ.get("RESYNC_BENCH_REBASEBOT")
"""The interpreter that has rebasebot."""

BRANCH = "rebase-bot"
"""The branch that it pushes."""


class _GitHub:
    """The part of github3's client that rebasebot uses."""

    session = SimpleNamespace(auth=SimpleNamespace(token="none"))

    def repository(self, owner: str, name: str) -> Any:
        return SimpleNamespace(clone_url=f"{owner}/{name}", pull_requests=lambda **_: [])

    def _post(self, url: str, **_: object) -> Any:
        opened = {"html_url": f"{url}/1"}
        return SimpleNamespace(json=lambda: opened, raise_for_status=lambda: None)


def main() -> None:
    """Rebase the branch onto the tag, and exit with 1 if a person must act."""
    url, branch, tag, folder = sys.argv[1:]
    sys.stdout = sys.stderr  # where it logs
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
    )
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
