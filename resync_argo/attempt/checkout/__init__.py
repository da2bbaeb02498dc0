"""The first container: two repositories and a tag become a clone in which the steps work.

In: the Plan's config and the run's parameters. Out: the trusted clone, the `ReplayInput`, the
answers that people gave before, the steps' clone and its control folder. All fetching before a step
runs happens here.
"""
