"""Any output of git about a host becomes one sentence that is safe on a terminal, or git's own error."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.errors import Stalled, Transient
from resync_argo.git import GitError, Remote
from resync_argo.hosts.refusals import explain
from resync_argo.reasons.catalogue import REASONS
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

REMOTE = Remote(url="https://git.example.org/a/b")
WORDS = (
    *(
        "fatal: ",
        "error: ",
        "remote: ",
        "fatal: remote error: ",
        "warning: ",
        "\n",
        "\n",
        " (",
        ")",
    ),
    *("couldn't find remote ref", "repository 'x' not found", "Authentication failed", "\r"),
    *("The requested URL returned error: 403", "returned error: 429", "returned error: 503"),
    *(
        "returned error: 301",
        "! [remote rejected] a -> a (",
        "without `workflow` scope",
        "archived",
    ),
    *("Retry-After: 30", "rate limit", "SAML", "https://sso.example.org/x", "early EOF", "unpack"),
)
SAID = st.lists(st.sampled_from(WORDS) | texts(max_size=3), max_size=12).map("".join)


@examples(2)
@given(SAID)
@example("fatal: remote error: \x1b]0;title\x07 \x1b[2J")
@example("error: \u202enot found")
@example("fatal: unable to access: returned error: 404\u2028x")
def test_gits_output_becomes_one_sentence(said: str) -> None:
    error = GitError(("fetch", "origin"), 128, said)

    told = explain(error, REMOTE, "refs/heads/main")

    if told is not error:
        assert isinstance(told, Stalled | Transient)
        assert told.reason in REASONS
        assert str(told).isprintable()
        assert len(str(told)) < 1500
