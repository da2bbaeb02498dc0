"""What is wrong with a Plan's file, before a cluster says so: all at once, with where and what to do.

`documents` reads files with their lines, `crd` holds them against the CRDs, `semantics` against what
compile and a run would refuse, `likely_mistakes` against what is probably a mistake, and `online` against the
tags that upstream has. Files with our other kinds are held against their CRDs alone.
"""
