"""Carried patches: `git carry` of a step brings downstream's own commits onto a new release.

`subject` reads what a commit's first line says, `policy` decides what becomes of it (both pure), `rounds` finds
where the last rebase was, `listing` the commits since then, and `landed` which of them upstream has. `state` says what downstream
holds without what is dropped, `picking` picks the rest again, and `ledger` keeps what came of each commit
for the containers that publish. `again` puts these together, for a run and for those who only look. What is in conflict, the Plan's rules and people decide in `resolve.carrying`.
"""
