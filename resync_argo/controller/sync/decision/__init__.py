"""The state of a sync and the next action: pure.

`phases` defines the states of a sync, `inputs` the facts about it. `lookups` lists the questions
for the forge. `decide` and `after_run` return the next phase and the one action that leads there.
`stored` converts a phase from and to the status, `status` makes its conditions and Events, and
`times` measures durations.
"""
