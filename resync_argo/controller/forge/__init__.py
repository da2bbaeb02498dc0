"""The forge of each Plan, asked by pollers of their own so that no reconcile waits for it.

In: what a Sync has to know, and a Plan's credentials. Out: pull requests, comments and proofs as last
seen; a commit status, a comment or a deleted branch where people need one.
"""
