"""Where a sync stands and what to do about it: pure.

`phases` are the places where a sync can stand, `inputs` what is known of it. `lookups` says what has to
be asked of the forge, `decide` and `after_run` give the next phase and the one act that leads there.
`stored` is a phase as the status has it, `status` its conditions and Events, `times` when what happened.
"""
