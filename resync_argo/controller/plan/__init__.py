"""A Plan: its WorkflowTemplate is applied, its conditions and counts are written.

In: a Plan and what was seen of its Secrets, upstream, forge and chat. Out: a WorkflowTemplate, a status.
"""
