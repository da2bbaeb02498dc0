"""Makes the fixtures of every tier known; what they need is built and started when asked for."""

pytest_plugins = (
    "tests.cluster.fixtures",
    "tests.forge.fixtures",
    "tests.slack.fixtures",
    "tests.world.fixtures",
)
