"""Finds the errors in a Plan's file before a cluster reports them: all at once, with places and advice.

`documents` reads files with their lines, and `crd` checks them against the CRDs. `semantics` finds
what compile or a run would refuse, `likely_mistakes` probable mistakes, and `online` ranges without
any of upstream's tags. Files with our other kinds are only checked against their CRDs.
"""
