"""A Plan and a Tag become a Workflow; a Workflow's status becomes progress."""
