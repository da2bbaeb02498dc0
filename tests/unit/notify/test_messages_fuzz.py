"""A message with any names and lines mentions nobody, links nothing, and fits into Slack's limits."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.notify import messages
from resync_argo.notify.interface import Message
from resync_argo.notify.messages import MAX_SECTION, MAX_SECTIONS, Sync
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

NAMES = texts() | st.sampled_from(["<!channel>", "<@U1>", "a|b", "```", "&lt;!here&gt;", "\ud800"])
SYNCS = st.builds(
    Sync,
    plan=NAMES,
    upstream=NAMES.map(lambda it: f"h/{it}"),
    version=NAMES,
    downstream=NAMES.map(lambda it: f"h/{it}"),
    branch=NAMES,
    run_url=st.none() | st.just("https://argo.example.org/x"),
)
LINK = re.compile(r"<https?://[^<>|]*\|[^<>|]*>")


def assert_tame(message: Message) -> None:
    shown = (message.text, *message.sections)
    assert len(message.sections) <= MAX_SECTIONS
    assert all(0 < len(text) <= MAX_SECTION for text in shown)
    for text in shown:
        text.encode()
        assert not set(LINK.sub("", text)) & set("<>")


@examples(2)
@given(SYNCS, st.lists(NAMES, max_size=30), NAMES)
@example(
    Sync(plan="<!channel>", upstream="h/a", version="1", downstream="h/b", branch="c"), [], "<@U1>"
)
def test_no_untrusted_name_becomes_markup(sync: Sync, names: list[str], words: str) -> None:
    pull = "https://github.com/a/b/pull/1"
    for message in (
        messages.started(sync),
        messages.conflict(sync, files=names, pull_request=pull),
        messages.resolved(sync, pull_request=pull),
        messages.pull_request_opened(sync, pull_request=pull, title=words),
        messages.merged(sync, pull_request=pull),
        messages.failed(sync, reason=words, last_lines=names),
        messages.ended(sync, reason=words),
    ):
        assert_tame(message)


@examples(2)
@given(texts(max_size=200) | st.integers(0, 200_000).map(lambda size: "a\n" * size))
@example("\x0b\x0c\n")
@example("\u2028a")
def test_a_plans_own_message_fits(text: str) -> None:
    message = messages.notification(text)

    assert len(message.sections) <= MAX_SECTIONS
    assert all(0 < len(piece) <= MAX_SECTION for piece in (message.text, *message.sections))
