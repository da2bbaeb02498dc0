"""What is counted where it happens."""

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.controller.kube.cache import Cache, Change
from resync_argo.controller.serving.metrics import STEP_SECONDS, observe_steps
from resync_argo.controller.state.workflow import Run
from resync_argo.submit.progress import StepTime


def workflow(version: int, ended: int) -> Run:
    steps = tuple(
        StepTime(attempt=1, container=f"0{number}-step", seconds=90.0)
        for number in range(1, ended + 1)
    )
    metadata = ObjectMeta(
        name="z-counted-1", namespace="team", uid="u", resource_version=str(version)
    )
    plan = ObjectKey("team", "z-counted")
    return Run(metadata=metadata, plan=plan, plan_uid="p", version="1", steps=steps)


def test_each_step_is_counted_once_and_only_by_those_who_saw_it_end() -> None:
    def changed(change: Change[Run]) -> None:
        if change.old is not None and change.new is not None:
            observe_steps(change.old, change.new)

    cache: Cache[Run] = Cache(on_change=changed)
    for version, ended in enumerate((1, 2, 2, 3), start=1):
        cache.put(workflow(version, ended))

    counts = {
        sample.labels["step"]: sample.value
        for metric in STEP_SECONDS.collect()
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["plan"] == "z-counted"
    }
    assert counts == {"02-step": 1.0, "03-step": 1.0}
