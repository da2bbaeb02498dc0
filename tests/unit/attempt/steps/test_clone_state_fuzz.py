"""Any files that a step leaves in `.git` have a valid meaning, none, or are refused."""

import re
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.attempt.steps.clone_state import CloneState
from resync_argo.attempt.steps.control import Untrustworthy
from tests.fuzzing.examples import examples
from tests.fuzzing.pieces import attempt_in
from tests.fuzzing.texts import object_ids, texts

FILES = (
    *("rebase-merge/head-name", "rebase-merge/msgnum", "rebase-merge/end", "rebase-apply/next"),
    *("rebase-merge/strategy_opts", "rebase-apply/applying", "rebase-apply/last", "refs/stash"),
    *(
        "sequencer/opts",
        "rebase-merge/message-squash",
        "rebase-merge/git-rebase-todo",
        "MERGE_HEAD",
    ),
)
CONTENTS = (
    st.binary()
    | texts().map(str.encode)
    | object_ids().map(lambda it: f"{it}\n".encode())
    | st.sampled_from(
        [b"3\n", b"03", "\u0663".encode(), "\u00b2".encode(), b"\tstrategy-option = x\n"]
    )
)
LINK = b"a link"


@examples(2)
@given(st.dictionaries(st.sampled_from(FILES), CONTENTS | st.just(LINK)))
@example({"rebase-merge/msgnum": "\u00b2".encode(), "rebase-merge/end": b"3"})
@example({"MERGE_HEAD": b"\x85" + b"1" * 40})
@example({"rebase-merge": b"a file where git has a folder"})
def test_any_files_are_valid_or_refused(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        attempt = attempt_in(Path(folder))
        for name, content in files.items():
            file = attempt.layout.work_tree / ".git" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content == LINK:
                file.symlink_to("/etc/hostname")
            else:
                file.write_bytes(content)
        state = CloneState(attempt)

        with suppress(Untrustworthy):
            assert all(re.fullmatch("[0-9a-f]{40,64}", it) for it in state.commits("MERGE_HEAD"))
        with suppress(Untrustworthy):
            assert state.progress is None or min(state.progress) >= 0
        for name in ("is_rebase", "has_patch", "is_am", "options", "stash", "joined", "todo"):
            with suppress(Untrustworthy):
                getattr(state, name)
