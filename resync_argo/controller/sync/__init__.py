"""A Sync: one release for one Plan, from its turn to the merged pull request.

In: a Sync, its Workflow, its turn, and the forge's answers (`observe`, `forge_questions`).
`decision` decides what to do. Out: a Workflow that is submitted, resumed or stopped
(`workflow_actions`), a status, and follow-up work (`aftermath`).
"""
