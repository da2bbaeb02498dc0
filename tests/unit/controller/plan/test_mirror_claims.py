"""A namespace's claim is looked up once a minute; with the roles of an earlier release there is just no mirror."""

from kubernetes import client

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import Kube, Resource
from resync_argo.controller.kube.errors import Forbidden, NotFound
from resync_argo.controller.plan.mirror_claims import CLAIM_SECONDS, MirrorClaims
from resync_argo.controller.state.cluster import Cluster
from resync_argo.errors import ResyncError
from resync_argo.settings import Settings
from tests.unit.controller.builders import Clock


class Site(Kube):
    """An API server with one claim in one namespace, which may be deleted or forbidden."""

    def __init__(self) -> None:
        super().__init__(client.Configuration())
        self.refusal: ResyncError | None = None
        self.is_ending = False
        self.asked: list[str] = []
        self.clock = Clock()
        settings = Settings(mirror_claim="mirrors")
        self.claims = MirrorClaims(cluster=Cluster(kube=self, settings=settings, clock=self.clock))

    def get(self, resource: Resource, key: ObjectKey) -> Json:
        assert (resource.plural, key.name) == ("persistentvolumeclaims", "mirrors")
        self.asked.append(key.namespace)
        if self.refusal is not None:
            raise self.refusal
        if key.namespace != "with":
            raise NotFound("none")
        return {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"} if self.is_ending else {}}


def test_only_a_namespace_with_the_claim_has_a_mirror() -> None:
    claims = Site().claims

    assert claims.settings_for("with").mirror_claim == "mirrors"
    assert claims.settings_for("without").mirror_claim == ""
    assert claims.lacks("without") == "the namespace has no PersistentVolumeClaim mirrors"


def test_the_plans_of_a_namespace_ask_once_a_minute() -> None:
    site = Site()
    for _ in range(5):
        site.claims.settings_for("with")
    assert site.asked == ["with"]

    site.clock.now += CLAIM_SECONDS
    site.is_ending = True

    assert site.claims.settings_for("with").mirror_claim == ""
    assert "is being deleted" in site.claims.lacks("with")
    assert site.asked == ["with"] * 2


def test_with_the_roles_of_an_earlier_release_there_is_just_no_mirror() -> None:
    site = Site()
    site.refusal = Forbidden("no")

    assert site.claims.settings_for("with").mirror_claim == ""
    assert "apply the manifests again" in site.claims.lacks("with")
