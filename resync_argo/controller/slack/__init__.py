"""Slack: one thread for each Sync.

In: a Sync's status. Out: messages, and a record of them in the status.
"""
