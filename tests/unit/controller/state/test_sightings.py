"""How long a state has lasted, by our own clock."""

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.state.sightings import Sightings

KEY = ObjectKey("ns", "sync")


def test_seconds_count_from_the_first_sighting_until_the_state_changes() -> None:
    sightings = Sightings()

    seen = [
        sightings.seconds(KEY, "suspended", 100.0),
        sightings.seconds(KEY, "suspended", 130.0),
        sightings.seconds(ObjectKey("ns", "other"), "suspended", 130.0),
        sightings.seconds(KEY, "ended", 140.0),
        sightings.seconds(KEY, "ended", 141.0),
    ]

    assert seen == [0.0, 30.0, 0.0, 0.0, 1.0]
