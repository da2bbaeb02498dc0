"""The pages of a cluster that has something in each state."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.page.facts import Filter, Overview
from resync_argo.controller.page.views import (
    Sizes,
    Wanted,
    overview,
    plan_facts,
    tag_facts,
    upstream_facts,
)
from tests.page.samples import EXPORTER, KUBERNETES, everything, library_of

SAMPLE = everything()
LIBRARY = library_of(SAMPLE)


def seen(**only: str) -> Overview:
    return overview(LIBRARY, Wanted(only=Filter(**only)))


def test_questions_are_listed_oldest_first_with_the_reason() -> None:
    conflict, review, failed = seen().needs.items

    assert [it.state for it in (conflict, review, failed)] == ["Conflict", "Review", "Failed"]
    assert conflict.files[:1] == ("collector/cpu_linux.go",)
    assert (conflict.downstream_authors, conflict.upstream_authors) == (("Ada",), ("Grace", "Ken"))
    assert (conflict.file_count, conflict.number, conflict.since) == (
        4,
        171,
        SAMPLE.ago(days=6, hours=2),
    )
    assert conflict.run == "https://argo.example.com/workflows/forks/exporter-1.12.0-4q8sz"
    assert review.pull_request == "https://github.com/openshift/etcd/pull/88"
    assert failed.action == "Correct the step, or its memory limit if it was killed."
    assert (failed.subject.version, failed.subject.branch) == ("1.35.7", "main")


def test_a_blocked_plan_says_what_is_missing() -> None:
    (found,) = seen().plans.items

    assert (found.subject.plan, found.reason) == ("etcd-main", "SecretNotFound")
    assert found.message == "There is no Secret `github-secret` in the namespace."


def test_work_in_progress_asks_nobody() -> None:
    (found,) = seen().work.items

    assert (found.subject.version, found.phase, found.attempt) == ("1.34.9", "Running", 1)


def test_history_is_newest_first_with_the_times_of_machines_and_people() -> None:
    history = seen().history.items

    assert [it.subject.version for it in history[:3]] == ["1.35.6", "1.11.1", "3.5.21"]
    first = history[0]
    assert (first.rounds, first.machine_seconds) == (2, 215)
    assert (first.conflict_seconds, first.review_seconds) == (129_600, 7 * 86_400)


@pytest.mark.parametrize(
    ("only", "versions"),
    [
        ({"namespace": "forks"}, ["1.12.0", "3.5.22", "1.35.7"]),
        ({"namespace": "others"}, []),
        ({"upstream": KUBERNETES}, ["1.35.7"]),
        ({"upstream": KUBERNETES, "namespace": "others"}, []),
        ({"plan": "etcd-4.19"}, ["3.5.22"]),
        ({"plan": "etcd-4.19", "upstream": EXPORTER}, []),
        ({"plan": "nobody's"}, []),
    ],
)
def test_a_filter_keeps_what_it_names(only: dict[str, str], versions: list[str]) -> None:
    found = seen(**only)

    assert [it.subject.version for it in found.needs.items] == versions
    named = {it.subject.upstream for it in found.history.items}
    assert named <= {only.get("upstream")} or "upstream" not in only
    assert all(only.get("upstream") in (None, it.upstream) for it in found.matrices.items)


def test_each_list_has_its_own_pages_and_a_missing_page_shows_the_nearest() -> None:
    one = Sizes(waiting=1, upstreams=1)

    second = overview(LIBRARY, Wanted(pages={"waiting": 2}, sizes=one))
    beyond = overview(LIBRARY, Wanted(pages={"waiting": 999}, sizes=one))

    assert [it.state for it in second.needs.items] == ["Review"]
    assert (second.needs.page, second.needs.pages, second.needs.total) == (2, 3, 3)
    assert [it.state for it in beyond.needs.items] == ["Failed"]
    assert [it.upstream for it in second.matrices.items] == ["github.com/etcd-io/etcd"]


def test_a_plan_has_its_own_facts_and_time_line() -> None:
    plan = LIBRARY.plan(ObjectKey("forks", "k8s-main"))
    assert plan is not None

    facts = plan_facts(LIBRARY, plan, Wanted())

    assert [it.subject.version for it in facts.needs.items] == ["1.35.7"]
    assert [it.type for it in facts.conditions] == ["Ready", "UpstreamReachable"]
    assert [
        (it.what, it.who) for it in facts.moments if it.subject and it.subject.version == "1.35.6"
    ] == [
        ("The pull request was merged", "people"),
        ("The pull request was ready", "machine"),
        ("The conflict was answered", "people"),
        ("Its turn came", "machine"),
        ("A run began", "machine"),
        ("A conflict was asked (question 2)", "machine"),
    ]


def test_a_tag_shows_its_state_on_each_branch_and_its_events() -> None:
    tag = LIBRARY.tag(ObjectKey("forks", "kubernetes-1.35.6"))
    assert tag is not None

    facts = tag_facts(LIBRARY, tag)

    assert [(it.subject.plan, it.cell.reason) for it in facts.progress] == [("k8s-main", "Merged")]
    assert {it.what for it in facts.moments} >= {
        "Upstream released it",
        "The pull request was merged",
    }
    assert facts.moments[0].link == "https://github.com/openshift/kubernetes/pull/2731"


def test_an_upstream_that_no_plan_follows_has_no_page() -> None:
    assert upstream_facts(LIBRARY, ("forks", "github.com/nobody/nothing"), Wanted()) is None
    assert LIBRARY.tag(ObjectKey("forks", "nothing")) is None
