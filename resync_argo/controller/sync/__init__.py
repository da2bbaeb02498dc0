"""A Sync: one release for one Plan, from its turn to the merged pull request.

In: a Sync, its Workflow, its turn, and what the forge showed (`observe`, `forge_questions`). What follows
is decided in `decision`. Out: a Workflow that is submitted, resumed or stopped (`workflow_actions`), a
status, and what may come later (`aftermath`).
"""
