"""A Plan becomes a WorkflowTemplate; with `submit` the only home of Hera."""
