"""What is wrong with a Plan's file, before a cluster says so: all at once, with where and what to do.

`documents` reads files with their lines, `schema` and `rules` hold them against the CRD, `meaning`
against what compile and a run would refuse, `doubts` against what is probably a mistake.
"""
