"""The picture of the demo's conflict pull request shows its text, and its diff with the markers."""

import subprocess
import sys
from pathlib import Path

from tests.demo.question import ROOT, page


def test_it_shows_the_question_and_the_markers(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, "-m", "tests.demo.local", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)

    shown = page(tmp_path)

    assert "<h1>Resolve a conflict: kubernetes 1.21.2 into release-4.8" in shown
    assert '<div class="add">+&lt;&lt;&lt;&lt;&lt;&lt;&lt; downstream: release-4.8' in shown
    assert str(tmp_path) not in shown
