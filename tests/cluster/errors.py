"""The one error of this package: something needed is missing or did not start."""


class ClusterError(Exception):
    """The cluster or a part of it cannot be had; the message says what is missing and what to do."""
