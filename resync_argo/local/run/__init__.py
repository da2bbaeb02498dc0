"""A sync on a laptop: the same parts as in the pod, called in order.

In: a Plan, a version, repositories. Out: branches and pull requests in a folder or on the forge, and an
outcome that says what you do next.
"""
