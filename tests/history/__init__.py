"""The history replay: every upstream release that a downstream ever merged, synced again.

`python -m tests.history UPSTREAM DOWNSTREAM` needs two clones and no more. `bumps` finds the merges,
`replay` syncs each of them as `resync-argo run` would, `processes` several at once, `report` counts.

`python -m tests.history.rebases UPSTREAM DOWNSTREAM PLAN` does the rebases of a fork that carries patches again, with `git carry`.
"""
