"""The text of the final pull request."""

from dataclasses import replace

from resync_argo.attempt.markdown import MAX_BODY, code
from resync_argo.attempt.publish.text import MAX_FILES, MAX_OWN_TEXT, Facts, compose, edited, sign

FACTS = Facts(
    upstream="github.com/up/project",
    branch="release",
    tag="v1.2.0",
    previous_tag="v1.1.0",
    commits=1,
    files=2_000,
)


def test_names_the_release_with_a_link_to_compare() -> None:
    body = compose("Mine.", FACTS)

    assert body.startswith("Mine.\n\n---\n\n")
    assert (
        "1 new upstream commit ([compare](https://github.com/up/project/compare/v1.1.0...v1.2.0))"
        in body
    )
    assert "2,000 changed files" in body


def test_names_the_branchs_previous_release_and_links_the_run() -> None:
    first = compose("", replace(FACTS, previous_tag=None))
    later = compose("", replace(FACTS, run_url="https://argo.test/run"))

    assert "for `release`, which contained no release of the Plan's range before:" in first
    assert "for `release`, which contained `v1.1.0` before:" in later
    assert later.endswith("\n\n[The run](https://argo.test/run)")


def test_leaves_out_absent_facts() -> None:
    assert compose("", FACTS).endswith("2,000 changed files.")
    assert compose("", FACTS).startswith("`github.com/up/project`")


def test_decisions_of_rules_come_first() -> None:
    assert compose("Mine.", replace(FACTS, decisions="Decided.")).startswith("Decided.\n\nMine.")


def test_other_hosts_get_no_link_that_might_be_broken() -> None:
    assert "compare" not in compose("", replace(FACTS, upstream="git.example.org/up/project"))


def test_stays_within_githubs_limit_however_little_room_is_left() -> None:
    facts = replace(FACTS, uncommitted=("x" * 500,) * 10_000, notes=("n" * 30_000,))

    body = sign("t", compose("o" * 100_000, facts))

    assert len(body) <= MAX_BODY
    assert "(cut)" in body


def test_a_text_that_just_fits_is_not_cut() -> None:
    own, files = "o" * MAX_OWN_TEXT, tuple(f"f{n}" for n in range(MAX_FILES))

    body = compose(own, replace(FACTS, uncommitted=files))

    assert body.startswith(f"{own}\n\n---")
    assert body.endswith("- `f49`")


def test_few_files_are_named_and_the_rest_counted() -> None:
    body = compose("", replace(FACTS, uncommitted=tuple(f"f{n}" for n in range(60))))

    assert "- `f49`\n- … and 10 more" in body


def test_recognises_its_own_text_even_with_the_forges_line_ends() -> None:
    signed = sign("Title", "Body\n\nmore")

    assert edited("Title", signed) == (False, False)
    assert edited("Title", signed.replace("\n", "\r\n")) == (False, False)


def test_notices_an_edited_title_or_body() -> None:
    signed = sign("Title", "Body")

    assert edited("Other", signed) == (True, False)
    assert edited("Title", signed.replace("Body", "Bodies")) == (False, True)
    assert edited("Title", "rewritten") == (True, True)


def test_untrusted_names_cannot_leave_their_code_span() -> None:
    assert code("a`b\n\x1b[31m") == "`a'b??[31m`"
    assert code("\udcff") == "`\\udcff`"
