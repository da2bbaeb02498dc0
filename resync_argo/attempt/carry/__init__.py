"""Carried patches: `git carry` of a step brings downstream's own commits onto a new release.

`subject` parses a commit's first line, and `policy` decides what to do with the commit (both pure).
`rounds` finds the last rebase, `listing` the commits since then, and `landed` those that upstream
has. `state` computes downstream's files without the dropped commits, `picking` picks the kept ones,
and `ledger` records the result of each commit for the containers that publish. `again` combines
these, for runs and for read-only commands. In `resolve.carrying`, the Plan's rules and people
decide conflicts.
"""
