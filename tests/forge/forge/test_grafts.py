"""A record of a squashed release on a real forge, with the bot's own token."""

from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.errors import Stalled
from resync_argo.forge.grafts import Brought, fetch_records, write_record
from resync_argo.git import Remote
from tests.forge.launcher import BOT, TestForge
from tests.forge.work import Work

pytestmark = pytest.mark.forge


@pytest.fixture
def remote(forge: TestForge, repository: str, tmp_path: Path) -> Remote:
    """Return the repository as the bot reaches it."""
    token = tmp_path / "token"
    token.write_text(forge.tokens[BOT])
    return Remote(url=f"{forge.git_url}/{repository}", token_file=token)


def test_the_bot_writes_a_record_that_is_read_back(remote: Remote, work: Work) -> None:
    commit = work.git("rev-parse", "HEAD")
    told = Brought(merged=commit, release="2" * 40)

    write_record(remote, "main", told)
    write_record(remote, "main", told)

    assert fetch_records(remote, "main") == (told,)
    assert fetch_records(replace(remote, token_file=None), "main") == (told,), "it is public"


def test_nobody_writes_one_who_may_not_push(remote: Remote, work: Work, tmp_path: Path) -> None:
    told = Brought(merged=work.git("rev-parse", "HEAD"), release="2" * 40)
    wrong = tmp_path / "wrong"
    wrong.write_text("0" * 40)

    with pytest.raises(Stalled):
        write_record(replace(remote, token_file=wrong), "main", told)

    assert fetch_records(remote, "main") == ()
