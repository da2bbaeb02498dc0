"""Every reason that the program gives people, in one table.

In: nothing; these are constants, sorted by who says them (`plan`, `cluster`, `turn`, `sync`,
`attempt`, `forge`, `chat`). Out: words for conditions and reports, each with its kind and its
explanation, and in `catalogue` all of them. docs/conditions.md is generated from this table
(`make docs`). To add a reason, add a constant here and use it; tests fail on one without the other.
"""
