"""The forge of each Plan, accessed by separate pollers so that no reconcile waits for it.

In: a Sync's questions, and a Plan's credentials. Out: the last seen pull requests, comments and
proofs; if needed, a commit status, a comment or a deleted branch.
"""
