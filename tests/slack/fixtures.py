"""pytest plugin: a Slack receiver for one test."""

from collections.abc import Iterator

import pytest

from tests.slack.receiver import SlackReceiver


@pytest.fixture
def slack() -> Iterator[SlackReceiver]:
    """A receiver with the channel `chan-1` and the token `xoxb-good`."""
    receiver = SlackReceiver()
    yield receiver
    receiver.stop()
