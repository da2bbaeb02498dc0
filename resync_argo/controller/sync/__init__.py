"""A Sync: one release for one Plan, from its turn to the merged pull request.

In: a Sync, its Workflow, its turn, and what the forge showed (`inputs`). `lookups` says what has to be
asked of the forge, `decide` where the sync stands and what to do; both are pure. Out: a Workflow that
is submitted, resumed or stopped (`workflow_actions`), a status.
"""
