"""Syncs many Plans without a cluster: in a CI job, or on a laptop.

In: Plans, repositories, a forge. Each call starts from the state of the forge and the fork's refs,
since nothing else is kept between calls. Out: branches and pull requests, and a report of finished
and waiting work.
"""
