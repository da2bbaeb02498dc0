"""Makes the fixtures of the test forge and the Slack receiver known to every tier; they start when asked for."""

pytest_plugins = ("tests.forge.fixtures", "tests.slack.fixtures")
