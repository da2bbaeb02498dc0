"""In every format, untrusted text stays in its place, and the facts are the same."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from resync_argo.controller.page import render
from resync_argo.controller.page.views import (
    PROGRAM,
    Wanted,
    overview,
    plan_facts,
    tag_facts,
    upstream_facts,
)
from tests.page.samples import EVIL, Sample, everything, hostile, library_of

ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = ("overview", "plan", "tag", "upstream", "file")


class Reader(HTMLParser):
    """Collects a page's elements, addresses, ids and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.attributes if known == name]


def pages(sample: Sample) -> dict[str, str]:
    """Return each page of a cluster's first objects."""
    library = library_of(sample, runs_url=lambda _namespace: "javascript:alert(1)//")
    (plan, *_), (tag, *_) = library.caches.plans.all(), library.caches.tags.all()
    upstream = plan.metadata.namespace, plan.spec.config.upstream.name
    facts, wanted = overview(library, Wanted()), Wanted()
    fresh: dict[str, Any] = {"fresh": facts.fresh, "now": facts.fresh.as_of}
    return {
        "overview": render.page("overview.html", wanted, facts=facts),
        "plan": render.page("plan.html", wanted, facts=plan_facts(library, plan, wanted)),
        "tag": render.page("tag.html", wanted, facts=tag_facts(library, tag)),
        "upstream": render.page(
            "upstream.html", wanted, facts=upstream_facts(library, upstream, wanted), **fresh
        ),
        "file": render.file(facts, wanted),
    }


HOSTILE, USUAL = pages(hostile()), pages(everything())


@pytest.mark.parametrize("form", FORMS)
def test_untrusted_text_is_shown_and_has_no_effect(form: str) -> None:
    read = Reader(HOSTILE[form])

    assert "script" not in read.tags
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    links = read.values("href")
    assert not [it for it in links if it.startswith("javascript")]
    assert all(it.startswith(("/", "#", "?", "https://")) for it in links)
    assert not [it for it in links if it.startswith("//")]
    assert EVIL in read.text
    assert "\u202e" not in read.text


@pytest.mark.parametrize("form", FORMS)
def test_no_page_holds_a_script_or_needs_another_host(form: str) -> None:
    read = Reader(USUAL[form])

    assert set(read.tags) & {"script", "img", "iframe", "object", "embed", "base"} == set()
    assert read.values("style") == []
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    assert {it[1:] for it in read.values("href") if it.startswith("#")} <= set(ids)


def test_the_first_page_links_pull_request_run_plan_tag_and_reason() -> None:
    links = Reader(USUAL["overview"]).values("href")

    assert {
        "https://github.com/openshift/node_exporter/pull/171",
        "/plans/forks/exporter",
        "/tags/forks/node-exporter-1.12.0",
        "/upstreams/forks/github.com/prometheus/node_exporter",
        "#reason-WaitingForResolution",
    } <= set(links)


def test_people_see_whose_commits_collide() -> None:
    text = re.sub(r"<[^>]+>", "", USUAL["overview"])

    assert "Commits of Ada collide with those of Grace, Ken." in text
    assert "Authors: Ada, Grace, Ken." in render.markdown(
        overview(library_of(everything()), Wanted())
    )


def test_a_file_is_self_contained() -> None:
    text = render.file(overview(library_of(everything()), Wanted()), Wanted())
    read = Reader(text)

    assert "prefers-color-scheme: dark" in text
    assert [it for it in read.values("href") if not it.startswith(("#", "https://"))] == []


@pytest.mark.parametrize("form", FORMS)
def test_each_table_has_a_caption_and_scoped_headings(form: str) -> None:
    text = USUAL[form]

    assert text.count("<table") == text.count("<caption")
    assert not re.findall(r"<th(?![a-z])(?![^>]*\bscope=)", text)


def test_json_says_the_same_as_the_page() -> None:
    facts = overview(library_of(everything()), Wanted(sizes=PROGRAM))

    told = json.loads(render.as_json(facts))

    assert told["needs"]["total"] == 3
    first = told["needs"]["items"][0]
    assert (first["subject"]["plan"], first["fileCount"]) == ("exporter", 4)
    assert told["matrices"]["items"][1]["columns"][0]["behindBy"] == 2
    assert told["history"]["items"][0]["machineSeconds"] == 215
    assert told["fresh"] == {
        "asOf": "2026-12-01T10:42:07Z",
        "clusterSeconds": 12,
        "stale": [],
        "reads": True,
    }


def test_the_feed_is_atom_newest_first_with_the_same_facts() -> None:
    root = ElementTree.fromstring(render.feed(overview(library_of(everything()), Wanted())))  # noqa: S314

    entries = root.findall(f"{ATOM}entry")
    updated = [it.findtext(f"{ATOM}updated") or "" for it in entries]
    titles = [it.findtext(f"{ATOM}title") for it in entries]
    assert root.tag == f"{ATOM}feed"
    assert updated == sorted(updated, reverse=True)
    assert titles[0] == "Failed: kubernetes 1.35.7 → main"
    assert "Conflict: node_exporter 1.12.0 → main" in titles
    assert len({it.findtext(f"{ATOM}id") for it in entries}) == len(entries)
    links = [it.get("href") for it in root.iter(f"{ATOM}link")]
    assert "https://github.com/openshift/etcd/pull/88" in links


def test_a_hostile_cluster_still_gives_a_valid_feed() -> None:
    root = ElementTree.fromstring(render.feed(overview(library_of(hostile()), Wanted())))  # noqa: S314

    links = [it.get("href") or "" for it in root.iter(f"{ATOM}link")]
    assert all(it.startswith(("/", "https://")) for it in links)


def test_markdown_has_a_table_row_for_each_and_no_foreign_markup() -> None:
    text = render.markdown(overview(library_of(everything()), Wanted()))
    evil = render.markdown(overview(library_of(hostile()), Wanted()))

    assert text.startswith("# 4 things need a person\n")
    assert "| 6 d | Conflict | node\\_exporter 1.12.0 → main [#171](<https://github.com" in text
    assert "| 1.35.7 | Failed StepFailed | · |" in text
    assert re.findall(r"(?<!\\)[<>](?!https)", evil.replace("](<", "").replace(">)", "")) == []
    assert "| Comes next | SecretNotFound | nothing |" in text
    assert "javascript" not in evil
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line[:1] == "|"]
    assert min(widths) >= 3


def test_stale_data_is_marked() -> None:
    library = library_of(everything(), stale=lambda: ["syncs"], cluster_seconds=lambda: 200.0)

    text = Reader(render.page("overview.html", Wanted(), facts=overview(library, Wanted()))).text

    assert "no news of syncs for 3 min" in text


def test_a_page_says_if_there_is_nothing_to_do() -> None:
    facts = overview(library_of(Sample()), Wanted())

    assert (
        "Nothing needs a person" in Reader(render.page("overview.html", Wanted(), facts=facts)).text
    )
    assert render.markdown(facts).startswith("# Nothing needs a person\n")
