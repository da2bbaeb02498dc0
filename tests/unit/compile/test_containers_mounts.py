"""What each container of an attempt can reach: volumes, Secrets, and a proxy."""

import pytest

from tests.unit.compile.plans import (
    CHAT,
    GOLDENS,
    RUN,
    SLACK,
    compiled,
    containers_of,
    environment_of,
    is_ours,
    mounts_of,
    small,
    template_of,
)


@pytest.mark.parametrize("name", GOLDENS)
def test_steps_get_only_the_workspace(name: str) -> None:
    for container in containers_of(compiled(GOLDENS[name])).values():
        if not is_ours(container):
            assert mounts_of(container) == {"workspace"}
            assert not [v for v in environment_of(container) if v.startswith("RESYNC_")]


def test_only_our_containers_that_need_a_secret_mount_it() -> None:
    containers = containers_of(compiled(GOLDENS["everything"]))

    secrets = {n: mounts_of(c) & {"github", "slack"} for n, c in containers.items() if is_ours(c)}
    assert secrets == {
        "checkout": {"github"},
        "slack-notification": {"slack"},
        "pull-request": {"github"},
        "main": {"github"},
    }


def test_a_forks_own_credentials_are_mounted_wherever_the_downstreams_are() -> None:
    github = {
        "credentials": {"secretSelector": "one"},
        "forkCredentials": {"secretSelector": "other"},
    }
    downstream = {"name": "github.com/c/d", "branch": "main", "fork": "github.com/e/d"}
    pull_request = {"action": {"type": "pull-request", "title": "T"}}
    manifest = compiled(small({"run": "true"}, pull_request, github=github, downstream=downstream))

    containers = containers_of(manifest)
    mounts = {
        name: mounts_of(container) & {"github", "fork"} for name, container in containers.items()
    }
    assert mounts.pop("step") == set()
    assert set(map(frozenset, mounts.values())) == {frozenset({"github", "fork"})}
    volumes = {it["name"]: it for it in template_of(manifest, "attempt")["volumes"]}
    assert volumes["fork"]["secret"]["secretName"] == "other"


def test_proxy_and_certificates_are_for_our_containers_only() -> None:
    manifest = compiled(
        GOLDENS["everything"],
        https_proxy="http://proxy.example:3128",
        no_proxy="git.example",
        ca_config_map="site-ca",
    )

    for container in containers_of(manifest).values():
        environment = environment_of(container)
        ours = is_ours(container)
        assert ("ca" in mounts_of(container)) is ours
        assert environment.get("HTTPS_PROXY") == ("http://proxy.example:3128" if ours else None)
        assert environment.get("NO_PROXY") == ("git.example" if ours else None)
        assert environment.get("SSL_CERT_FILE", "").startswith("/etc/resync/ca/") is ours
    volumes = {it["name"]: it for it in template_of(manifest, "attempt")["volumes"]}
    assert volumes["ca"]["configMap"] == {"name": "site-ca", "optional": True}


@pytest.mark.parametrize("name", GOLDENS)
def test_only_the_container_that_clones_mounts_the_mirror(name: str) -> None:
    manifest = compiled(GOLDENS[name], mirror_claim="mirrors")

    containers = containers_of(manifest)
    with_it = [it for it in containers if "mirror" in mounts_of(containers[it])]
    told = [it for it in containers if "RESYNC_MIRROR" in environment_of(containers[it])]
    assert with_it == told == ["checkout"]
    volumes = {it["name"]: it for it in template_of(manifest, "attempt")["volumes"]}
    assert volumes["mirror"]["persistentVolumeClaim"] == {"claimName": "mirrors"}


def test_a_plan_without_credentials_mounts_none() -> None:
    volumes = template_of(compiled(small()), "attempt")["volumes"]

    assert [volume["name"] for volume in volumes] == ["workspace", "trusted"]


def test_slacks_secret_is_in_the_pod_only_if_a_step_posts() -> None:
    silent = template_of(compiled(small(RUN, slack=CHAT)), "attempt")["volumes"]
    posting = template_of(compiled(small(RUN, SLACK, slack=CHAT)), "attempt")["volumes"]

    assert "slack" not in [volume["name"] for volume in silent]
    assert "slack" in [volume["name"] for volume in posting]
