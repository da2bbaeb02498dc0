"""Decides which release is next: a downstream branch takes one release at a time.

In: Plans, Tags, Syncs and Workflows from the caches. Out: a `Standing` for each release that a Plan
wants, and a Sync object for the one that is due.
"""
