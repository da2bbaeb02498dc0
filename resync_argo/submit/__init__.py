"""A Plan and a Tag become a Workflow; a Workflow's status becomes progress.

`build_workflow` creates the Workflow, `observe` reads its progress.
"""

from resync_argo.submit.progress import observe
from resync_argo.submit.workflow import Submission, build_workflow

__all__ = ["Submission", "build_workflow", "observe"]
