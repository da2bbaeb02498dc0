"""Checkout refuses invalid values at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.context import Parameters
from resync_argo.errors import Stalled
from tests.unit.attempt.attempts import attempt


def test_an_invalid_value_fails_before_anything_is_fetched(
    tmp_path: Path,
) -> None:
    submitted = Parameters(tag="1.0", values={"JIRA": "A-1"})

    with pytest.raises(Stalled, match="JIRA is not a parameter of the Plan") as caught:
        checkout(replace(attempt(tmp_path), parameters=submitted))

    assert caught.value.reason == "InvalidValue"
