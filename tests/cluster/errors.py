"""The errors of this package: something needed is missing or did not start."""


class ClusterError(Exception):
    """The cluster or a part of it cannot be had; the message says what is missing and what to do."""


class ClusterRefused(ClusterError):
    """kubectl could not do something just now; while a cluster starts, it is asked again."""
