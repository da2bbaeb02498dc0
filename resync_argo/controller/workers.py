"""Takes keys from the queue and brings each to where it should be; the one place where errors end.

`Outcome` says when to look again. A `Transient` error is tried again with back-off, a `Stalled` one
when something changes, and anything else is our own bug: it is logged with its traceback and tried
again with back-off, and never stops the other keys. Started by `main`.
"""

import logging
import threading
from typing import assert_never

from resync_argo.controller.kube.errors import Conflict, NotFound
from resync_argo.controller.plan.reconcile import reconcile_plan
from resync_argo.controller.serving.logs import about
from resync_argo.controller.serving.metrics import RECONCILE_ERRORS, RECONCILE_SECONDS
from resync_argo.controller.state.keys import BranchKey, Key, PlanKey, TagKey, UpstreamKey, namespace_of, shown
from resync_argo.controller.sync.reconcile import reconcile_tag
from resync_argo.controller.upstream.reconcile import reconcile_upstream
from resync_argo.controller.world import Outcome, World
from resync_argo.errors import Stalled, Transient, patience_of

LOG = logging.getLogger(__name__)


def start_workers(world: World) -> list[threading.Thread]:
    """Start as many workers as the settings say; they end when the queue is closed."""
    threads = [
        threading.Thread(target=work, args=(world,), name=f"worker-{number}", daemon=True)
        for number in range(world.settings.workers)
    ]
    for thread in threads:
        thread.start()
    return threads


def work(world: World) -> None:
    """Take keys until the queue is closed."""
    while (key := world.queue.take()) is not None:
        try:
            with about(shown(key), namespace_of(key)):
                process(world, key)
        finally:
            world.queue.done(key)


def process(world: World, key: Key) -> None:
    """Do one pass over a key and put down when the next one is due."""
    kind = type(key).__name__.removesuffix("Key")
    try:
        with RECONCILE_SECONDS.labels(kind=kind).time():
            outcome = reconcile(world, key)
    except Conflict:
        # Somebody changed the object: its event is on the way; look again at what is there then.
        world.queue.retry(key)
    except (Transient, NotFound) as error:
        RECONCILE_ERRORS.labels(kind=kind).inc()
        wait = world.queue.retry(key, at_least=patience_of(error))
        LOG.warning("%s (again in %.0f s)", error, wait)
    except Stalled as error:
        RECONCILE_ERRORS.labels(kind=kind).inc()
        world.queue.succeeded(key)
        LOG.warning("%s: %s", error.reason, error)
    except Exception:
        RECONCILE_ERRORS.labels(kind=kind).inc()
        world.queue.retry(key)
        LOG.exception("a bug of this program")
    else:
        _schedule(world, key, outcome)


def reconcile(world: World, key: Key) -> Outcome:
    """Do one pass over a key.

    Raises:
        ResyncError: the pass could not be finished.
    """
    match key:
        case PlanKey(object=name):
            return reconcile_plan(world, name)
        case TagKey(object=name):
            return reconcile_tag(world, name)
        case UpstreamKey():
            return reconcile_upstream(world, key)
        case BranchKey():
            world.board.decide(key)
            return Outcome()
    assert_never(key)


def _schedule(world: World, key: Key, outcome: Outcome) -> None:
    if outcome.failing:
        world.queue.retry(key, at_least=outcome.patience)
    else:
        world.queue.succeeded(key)
    if outcome.requeue_after is not None:
        world.queue.add_after(key, outcome.requeue_after)
