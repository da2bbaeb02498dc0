"""All names of things outside the process: objects, labels, branches, refs.

All are deterministic functions of the thing that they name, so that creating it twice finds the
first one. Limits come from Kubernetes ("Object Names and IDs", "Labels and Selectors") and git
(git-check-ref-format).
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable

GROUP = "resync.openshift.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

ARGO_GROUP = "argoproj.io"
ARGO_VERSION = "v1alpha1"

FIELD_MANAGER = "resync-argo"

PLAN_LABEL = f"{GROUP}/plan"
PLAN_UID_LABEL = f"{GROUP}/plan-uid"
TAG_LABEL = f"{GROUP}/tag"
VERSION_LABEL = f"{GROUP}/version"

TEMPLATE_HASH_ANNOTATION = f"{GROUP}/template-hash"

MAX_LABEL = 63
MAX_CONTAINER = 28
"""Argo's graph shows two lines of fourteen characters each."""

COMMITTER_NAME = "resync-argo"
COMMITTER_EMAIL = "resync-argo@resync.openshift.io"

OBSOLETE_LABEL = "resync/obsolete"
"""On a pull request that we closed ourselves: nobody said no to it."""

HOLD_LABEL = "resync/hold"
"""On a final pull request that is not made again by itself; people put it there and take it off."""

FOREIGN_MARK = "<!-- resync-argo foreign-commit"
"""Begins the hidden line of the comment which says that a person's commit stops us; a commit id follows."""

REFUSED_MARK = "<!-- resync-argo not-set"
"""Begins the hidden line of the comment which says what could not be set; the id of who asked follows."""


def owner_reference(kind: str, name: str, uid: str) -> dict[str, str | bool]:
    """Return a reference to one of our objects that controls another one."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def short_hash(*parts: str, length: int = 8) -> str:
    """Return `length` hex digits that depend on every part and on where one part ends."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def spec_digest(spec: object) -> str:
    """Return 16 hex digits that depend on JSON data, whatever order its fields are in."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:16]


def slug(text: str, *, limit: int) -> str:
    """Return text as a DNS label of at most `limit` characters; may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:limit].strip("-")


def label_value(text: str) -> str:
    """Return text as a label value: itself where it is legal, else cleaned and with a hash."""
    if (
        re.fullmatch(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", text)
        and len(text) <= MAX_LABEL
    ):
        return text
    cleaned = re.sub(r"[^-A-Za-z0-9_.]+", "-", text)[: MAX_LABEL - 9].strip("-_.")
    return f"{cleaned}-{short_hash(text)}".lstrip("-")


def tag_name(repository: str, version: str, *, naming: str = "", taken: bool = False) -> str:
    """Return the name of the Tag object for a version of an upstream repository.

    Args:
        repository: `host/owner/name`.
        version: for example `1.21.2`.
        naming: how upstream names its releases where a Plan says so, as in a monorepo.
        taken: another Tag has the plain name; the hash then tells them apart.
    """
    plain = f"{repository.rsplit('/', 1)[-1]}-{version}"
    cleaned = re.sub(r"[^a-z0-9.-]+", "-", plain.lower())
    cleaned = re.sub(r"[-.]+", lambda run: "." if "." in run[0] else run[0], cleaned).strip("-.")
    if cleaned == plain and len(plain) <= MAX_LABEL and not taken:
        return plain
    return (
        f"{cleaned[: MAX_LABEL - 9].strip('-.')}-{short_hash(repository, naming, version)}".lstrip(
            "-"
        )
    )


def sync_name(plan: str, tag: str) -> str:
    """Return the name of the Sync of a Plan and a Tag, both given by name."""
    return f"{plan}.{tag}"


def workflow_name(plan: str, version: str, *identity: str) -> str:
    """Return the one name of a Workflow: readable, and distinct for each identity.

    Args:
        plan: the Plan's name.
        version: the Tag's version.
        identity: what tells this Workflow from others: the Plan's and the Sync's uid, the hash of
            the compiled template and the number of the try.
    """
    readable = slug(f"{slug(plan, limit=28)}-{version}", limit=MAX_LABEL - 11)
    return f"{readable}-{short_hash(*identity, length=10)}"


def container_names(titles: Iterable[str], *, reserved: Collection[str]) -> tuple[str, ...]:
    """Return the container name of each step: its title as a DNS label, numbered from the second of the same name.

    Args:
        titles: what the steps are called, in order.
        reserved: names of other containers of the pod.
    """
    names: list[str] = []
    for title in titles:
        name = slug(title, limit=MAX_CONTAINER) or "step"
        number = 1
        while name in reserved or name in names:
            number += 1
            suffix = f"-{number}"
            name = (slug(title, limit=MAX_CONTAINER - len(suffix)) or "step") + suffix
        names.append(name)
    return tuple(names)


CONFLICTS = "conflicts"
"""The folder of a Plan's branches in which those of its conflicts are."""


def sync_branch(plan: str, line: str) -> str:
    """Return the branch for a sync's result; `Config.line` describes its name."""
    return f"resync/{plan}/{line}"


def conflict_branches(plan: str, line: str, key: str) -> tuple[str, str]:
    """Return the base and the head branch of a conflict pull request."""
    stem = f"resync/{plan}/{CONFLICTS}/{line}/{key}"
    return f"{stem}/base", f"{stem}/head"


def record_ref(plan: str, line: str) -> str:
    """Return the ref that records our last push to a sync's branch.

    Not below `refs/resync/`, where it would make the branch's short name ambiguous.
    """
    return f"refs/resync-argo/{plan}/{line}"


def owner_ref(plan: str, line: str) -> str:
    """Return the ref that names the owner of a release's branches; no Plan's name has an underscore."""
    return f"refs/resync-argo/_owners/{plan}/{line}"


def include_ref(plan: str, line: str) -> str:
    """Return the ref that records a sync's included pull requests, and their commits."""
    return f"refs/resync-argo/_included/{plan}/{line}"


def seen_ref(plan: str) -> str:
    """Return the ref that says when a Plan's releases were first seen, where no cluster keeps their Tags."""
    return f"refs/resync-argo/_seen/{plan}"


BROUGHT_REFS = "refs/resync-argo/_brought/"
"""Where records of squashed releases are."""


def brought_ref(branch: str, commit: str) -> str:
    """Return the ref that says which release a commit of a downstream branch brought without its history.

    The underscore keeps the commit's name apart from a branch's, which may have any number of parts.
    """
    return f"{BROUGHT_REFS}{branch}/_/{commit}"
