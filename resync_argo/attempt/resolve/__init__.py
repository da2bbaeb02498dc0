"""Answers our `git` in the user's image when a command of a step leaves unmerged paths.

`request` reads the request. `operation` finds out from git's own files what git was doing, and
`found` what is in conflict. `settle` applies the Plan's rules (`rules`) and people's answers
(`people`), and `reply` tells the step to continue or to stop. `resolver` runs all this in `main` or
next to a local run. `carrying` answers `git carry`. `forecast` does the same for a merge that has
not happened yet.
"""
