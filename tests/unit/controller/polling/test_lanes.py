"""Namespaces and hosts share threads fairly, whoever asks for most."""

from resync_argo.controller.polling.lanes import Lane, Lanes


def lanes(threads: int, waiting: dict[Lane, int]) -> Lanes[str]:
    """Return lanes in which so many keys wait, named `namespace host number`."""
    made: Lanes[str] = Lanes(threads)
    for lane, count in waiting.items():
        for number in range(count):
            made.add(f"{lane.namespace} {lane.host} {number}", lane)
    return made


def out(made: Lanes[str]) -> list[str]:
    """Take all keys that may start, without any coming back."""
    taken = []
    while (one := made.take()) is not None:
        taken.append(one[0])
    return taken


def test_a_namespace_on_one_host_gets_half_of_the_threads() -> None:
    assert len(out(lanes(8, {Lane("a", "dead.test"): 40}))) == 4


def test_a_namespace_gets_three_quarters_of_the_threads_however_many_hosts_it_names() -> None:
    asked = {Lane("a", f"dead-{number}.test"): 1 for number in range(40)}

    assert len(out(lanes(8, asked))) == 6


def test_a_host_gets_three_quarters_of_the_threads_however_many_namespaces_ask() -> None:
    asked = {Lane(f"tenant-{number}", "dead.test"): 1 for number in range(40)}

    assert len(out(lanes(8, asked))) == 6


def test_namespaces_take_turns_and_within_one_its_hosts_do() -> None:
    busy, quiet = Lane("a", "x.test"), Lane("b", "x.test")
    made = lanes(100, {busy: 5, Lane("a", "y.test"): 1, quiet: 1})

    assert out(made)[:4] == ["a x.test 0", "b x.test 0", "a y.test 0", "a x.test 1"]


def test_a_freed_thread_goes_to_a_waiting_key() -> None:
    lane = Lane("a", "x.test")
    made = lanes(2, {lane: 3})
    first = out(made)
    made.done(lane)

    assert (first, out(made), len(made)) == (["a x.test 0"], ["a x.test 1"], 1)


def test_a_single_thread_serves_everybody_in_turn() -> None:
    made = lanes(1, {Lane("a", "x.test"): 1, Lane("b", "y.test"): 1})
    taken = made.take()
    assert taken is not None
    made.done(taken[1])

    assert made.take() is not None


def test_two_namespaces_whose_looks_hang_leave_a_thread_for_a_third() -> None:
    made = lanes(8, {Lane("one", "a.test"): 20, Lane("two", "b.test"): 20})
    assert len(out(made)) == 6
    made.add("third", Lane("peaceful", "c.test"))

    assert out(made) == ["third"]
