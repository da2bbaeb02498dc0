"""The rate limit's page; the test forge itself has no limits, except those that tests inject as faults."""

import time

from tests.forge.face.routing import Answer, Call, Routes

routes = Routes()

LIMIT = 5000


@routes.on("GET", "/rate_limit")
def get_rate_limit(call: Call) -> Answer:
    """Get rate limit status for the authenticated user."""
    core = {"limit": LIMIT, "used": 1, "remaining": LIMIT - 1, "reset": int(time.time()) + 3600}
    shaped = {"resources": {"core": core, "search": core}, "rate": core}
    return Answer(body=call.shapes.complete("rate-limit-overview", shaped))
