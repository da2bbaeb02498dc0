"""Makes the fixtures of every tier known, and what deals the tests."""

pytest_plugins = (
    "tests.users_python",  # before others load jsonschema
    "tests.cluster.fixtures",
    "tests.collected",
    "tests.forge.fixtures",
    "tests.slack.fixtures",
    "tests.time_limits",
    "tests.lanes",  # after what it imports, which pytest has to rewrite first
    "tests.world.fixtures",
)
