"""Repeats git's own merge in the trusted clone, and reads what it reports about conflicts.

`bench` provides a repository in which the attributes of one side apply. `raw` runs git and reads
its structured messages; `repeat` does so for versions whose `git merge-tree` has no strategy
options. `logical` turns stages and messages into decisions for people. `three_way` merges single
files, `patch` finds what a patch merges, and `marked` puts our labels into marker lines. A step
only points to the merge; nothing here reads its clone.
"""
