"""Reconciles a Plan: applies its WorkflowTemplate, and writes its conditions and counts.

In: a Plan and observations of its Secrets, upstream, forge and Slack. Out: a WorkflowTemplate, a
status.
"""
