"""Does what is due for many Plans without a cluster: in a CI job, or on a laptop.

In: Plans, repositories, a forge. Each call looks again, for nothing is kept between two of them but what the
forge and the fork's refs show. Out: branches and pull requests, and a report of what was done and what waits.
"""
