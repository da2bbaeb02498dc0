"""The image for attempts: the controller's own, unless a setting names another.

So an administrator writes the image once, in the Deployment, and an upgrade changes both together.
`main` calls it at the start.
"""

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PODS, Kube
from resync_argo.settings import Settings

CONTAINER = "controller"
"""The container's name in manifests/controller/deployment.yaml."""


def with_own_image(kube: Kube, settings: Settings) -> Settings:
    """Return the settings with this pod's image, unless `RESYNC_IMAGE` names one.

    Everything specific to this pod is removed, since replicas must compile the same templates.

    Raises:
        ResyncError: the pod cannot be read.
    """
    change: dict[str, str] = {"pod_name": "", "pod_namespace": "", "pod_ip": ""}
    if settings.pod_name and "image" not in settings.model_fields_set:
        pod = kube.get(PODS, ObjectKey(settings.pod_namespace, settings.pod_name))
        images = {each["name"]: each["image"] for each in pod["spec"]["containers"]}
        change["image"] = images[CONTAINER]
    return settings.model_copy(update=change)
