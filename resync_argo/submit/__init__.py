"""Turns a Plan and a Tag into a Workflow, and a Workflow's status into progress.

`build_workflow` builds the Workflow, and `observe` reads its progress.
"""

from resync_argo.submit.progress import observe
from resync_argo.submit.workflow import Submission, build_workflow

__all__ = ["Submission", "build_workflow", "observe"]
