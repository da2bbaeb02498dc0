"""Of anything that a host lists, only safe names pass, each once, with its commit."""

import random

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.upstream.git_tags import is_safe_name, read_listing
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import object_ids, texts

NAMES = texts() | st.from_regex(r"v?[0-9]\.[0-9]\.[0-9](-rc[0-9])?", fullmatch=True)


@st.composite
def listings(draw: st.DrawFn) -> bytes:
    line = st.tuples(
        object_ids() | texts(), st.sampled_from(["\t", " ", ""]), st.just("refs/tags/") | texts()
    ).flatmap(lambda it: NAMES.map(lambda name: "".join(it) + name))
    lines = draw(st.lists(line.map(lambda it: it.encode()) | st.binary(max_size=20)))
    return b"\n".join(lines)


@examples()
@given(listings())
def test_only_safe_names_pass_each_once(listing: bytes) -> None:
    found = read_listing(listing)

    assert all(is_safe_name(tag.name) for tag in found)
    assert [tag.name for tag in found] == sorted({tag.name for tag in found})
    assert all(f"{tag.commit}\t".encode() in listing for tag in found)


@examples()
@given(
    st.dictionaries(NAMES.filter(is_safe_name), st.tuples(object_ids(), object_ids() | st.none())),
    st.randoms(use_true_random=False),
)
def test_a_listing_is_read_in_any_order(
    tags: dict[str, tuple[str, str | None]], dice: random.Random
) -> None:
    lines = [f"{own}\trefs/tags/{name}" for name, (own, _) in tags.items()]
    lines += [f"{to}\trefs/tags/{name}^{{}}" for name, (_, to) in tags.items() if to]
    dice.shuffle(lines)

    found = read_listing("".join(f"{line}\n" for line in lines).encode())

    assert {tag.name: tag.commit for tag in found} == {
        name: to or own for name, (own, to) in tags.items()
    }


@examples()
@given(NAMES)
@example("v1.2.3\u2028")
@example("v1.2.3\n")
def test_a_safe_name_is_one_word_and_not_an_option(name: str) -> None:
    if is_safe_name(name):
        assert name.isascii()
        assert name.isprintable()
        assert name.split() == [name]
        assert not name.startswith("-")
