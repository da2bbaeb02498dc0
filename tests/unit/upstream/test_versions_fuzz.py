"""Any text is parsed as a version exactly, or refused with a reason."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.api.plan import Versioning
from resync_argo.upstream.git_tags import is_safe_name
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal, Version, parse_version, precedence
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

SEMVER = Scheme()
NUMBERS = st.integers(0, 3) | st.integers(0, 10**30)
IDENTIFIERS = st.from_regex(r"(rc|b)?0?[0-9]{1,2}|[0-9A-Za-z-]{1,5}", fullmatch=True)
DOTTED = st.lists(IDENTIFIERS, min_size=1, max_size=3).map(".".join)


def _text(numbers: tuple[int, int, int], pre: str | None, build: str | None) -> str:
    text = ".".join(map(str, numbers))
    return text + (f"-{pre}" if pre else "") + (f"+{build}" if build else "")


TEXTS = st.builds(
    _text, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.none() | DOTTED, st.none() | DOTTED
)
VERSIONS = TEXTS.map(SEMVER.read).filter(lambda it: isinstance(it, Version))
LOOSE = st.from_regex(
    r"[0-9]{1,4}([.-][0-9]{1,3}){0,4}([._-]?[A-Za-z]{1,5}[0-9.]{0,3})?(\+[0-9a-z]{1,3})?",
    fullmatch=True,
)
VERSIONINGS: st.SearchStrategy[Versioning] = st.sampled_from(["Semver", "Loose"])


@examples()
@given(texts() | TEXTS | LOOSE | TEXTS.map(lambda it: f"{it}\n"), VERSIONINGS)
@example("1.2.3\n", "Loose")
@example("1.2.\u0663", "Loose")
@example("1.2.\u0663", "Semver")
def test_a_version_is_read_back_as_written(text: str, versioning: Versioning) -> None:
    found = Scheme(versioning=versioning).read(text)

    if isinstance(found, Version):
        assert str(found) == text
        assert is_safe_name(f"resync/z/{text}") or text.endswith(".lock")
    else:
        assert found.message


@examples()
@given(texts() | TEXTS | LOOSE)
def test_semantic_versions_are_read_alike_in_every_scheme(text: str) -> None:
    strict = SEMVER.read(text)

    assert isinstance(strict, Refusal) or strict == parse_version(text)


@examples()
@given(VERSIONS, st.sampled_from([None, "", "v", "kustomize/v"]))
def test_a_prefix_and_a_version_make_a_tag_of_that_version(
    version: Version, prefix: str | None
) -> None:
    assert Scheme(prefix=prefix).version_of(f"{prefix or ''}{version}") == version


@examples()
@given(VERSIONS, VERSIONS)
@example(Version.parse("1.0.0-rc1"), Version.parse("1.0.0-rc01"))
@example(Version.parse("1.0.0+1"), Version.parse("1.0.0+01"))
def test_two_versions_are_never_equal_in_order(one: Version, other: Version) -> None:
    assert (precedence(one) == precedence(other)) is (str(one) == str(other))
