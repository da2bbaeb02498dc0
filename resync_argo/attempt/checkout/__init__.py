"""The first container: two repositories and a tag become a clone in which the steps work.

In: the Plan's config and the run's parameters. Out: the trusted clone, the `ReplayInput`, the answers
that people gave before, the steps' clone and its control folder. Everything that is fetched before a
step runs is fetched here.
"""
