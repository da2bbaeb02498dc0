"""Every test has a time limit, and so has every fixture: what hangs fails, and the other tests run on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import time_limits
from tests.time_limits import LIMITS, limit_of, tier_of

ROOT = Path(__file__).parents[1]

_PYTEST = [
    *(sys.executable, "-m", "pytest", "-p", "tests.time_limits"),
    *("--config-file", str(ROOT / "pyproject.toml")),
]

_CONFTEST = """\
from tests import time_limits

time_limits.SHARED_SECONDS = 2.0
"""

_TEST = """\
import threading
import pytest

@pytest.mark.timeout(1)
def test_hangs() -> None:
    threading.Event().wait()
"""

_OWN_FIXTURE = """\
import threading
import pytest

@pytest.fixture
def hangs() -> None:
    threading.Event().wait()

@pytest.mark.timeout(1)
def test_hangs(hangs: None) -> None:
    pass
"""

_SHARED_FIXTURE = """\
import threading
import pytest

@pytest.fixture(scope="session")
def hangs() -> None:
    threading.Event().wait()

@pytest.mark.timeout(1)
def test_hangs(hangs: None) -> None:
    pass
"""

_AFTER_SHARED_FIXTURE = """\
import threading
import time
import pytest

@pytest.fixture(scope="session")
def slow() -> None:
    time.sleep(1.2)

@pytest.mark.timeout(1)
def test_hangs(slow: None) -> None:
    threading.Event().wait()
"""

_NEXT = """
def test_next() -> None:
    pass
"""


@pytest.mark.parametrize(
    ("text", "seconds", "ended"),
    [
        (_TEST, "1.0", "1 failed, 1 passed"),
        (_OWN_FIXTURE, "1.0", "1 passed, 1 error"),
        (_SHARED_FIXTURE, "2.0", "1 passed, 1 error"),
        (_AFTER_SHARED_FIXTURE, "1.0", "1 failed, 1 passed"),
    ],
    ids=["test", "own fixture", "shared fixture", "after a shared fixture"],
)
def test_what_hangs_fails_and_the_next_test_runs(
    tmp_path: Path, text: str, seconds: str, ended: str
) -> None:
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    file = tmp_path / "test_hanging.py"
    file.write_text(text + _NEXT)

    ran = subprocess.run(
        [*_PYTEST, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )

    assert f"Timeout (>{seconds}s)" in ran.stdout
    assert ended in ran.stdout


def test_each_tier_has_a_limit() -> None:
    tiers = {tier_of(str(file.relative_to(ROOT))) for file in ROOT.glob("tests/*/**/test_*.py")}

    assert tiers == set(LIMITS)


def test_each_test_has_a_limit(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> None:
    longest = max(LIMITS.values())
    unlimited = [it.nodeid for it in request.session.items if not 0 < limit_of(it) <= longest]
    others = [
        item.nodeid
        for item in request.session.items
        if tier_of(item.nodeid) in LIMITS and item.get_closest_marker("timeout") is None
    ]

    assert (unlimited, others) == ([], [])
    assert pytestconfig.getini("timeout_func_only") is False
    assert pytestconfig.pluginmanager.is_registered(time_limits)
