"""What people read in Slack: one thread for each Sync.

In: a Sync's status. Out: messages, and in the status what was said.
"""
