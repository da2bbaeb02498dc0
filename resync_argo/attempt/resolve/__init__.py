"""Answers our `git` in the user's image when a command of a step leaves unmerged paths.

`request` reads what it asks, `operation` finds out from git's own files what git was doing,
`found` what is in conflict, `settle` lets the Plan's rules
(`rules`) and people's answers (`people`) decide, `reply` tells the step to go on or to stop, and
`resolver` does this in `main` or beside a local run. `carrying` answers `git carry`. `forecast` asks the same of a merge that nobody
has made yet.
"""
