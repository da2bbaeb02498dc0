"""What is wrong with a Plan's file, before a cluster says so: all at once, with where and what to do.

`documents` reads files with their lines, `crd` holds them against the CRDs, `meaning` against what
compile and a run would refuse, `doubts` against what is probably a mistake, and `online` against the
tags that upstream has. Files with our other kinds are held against their CRDs alone.
"""
