"""Writes the report where CI systems show it: GitHub Actions on the job's page, Prow among the artifacts."""

from collections.abc import Mapping
from pathlib import Path

from resync_argo.local.console import say
from resync_argo.local.sync.report import SyncReport, as_markdown

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The file that GitHub Actions shows on a job's page ("Adding a job summary")."""

ARTIFACT_DIR = "ARTIFACT_DIR"
"""The folder that Prow and OpenShift CI keep of a job; Prow's decoration calls it `ARTIFACTS`."""

ARTIFACTS = "ARTIFACTS"
NAME = "resync-summary"


def write_summary(report: SyncReport, environ: Mapping[str, str]) -> None:
    """Append to the one and write into the other, if they are set; an unwritable file is not an error."""
    try:
        if environ.get(STEP_SUMMARY):
            with Path(environ[STEP_SUMMARY]).open("a") as page:
                page.write(as_markdown(report))
        folder = environ.get(ARTIFACT_DIR) or environ.get(ARTIFACTS)
        if folder:
            Path(folder, f"{NAME}.md").write_text(as_markdown(report))
            Path(folder, f"{NAME}.json").write_text(f"{report.to_json()}\n")
    except OSError as error:
        say(f"The summary cannot be written: {error}", "yellow")
