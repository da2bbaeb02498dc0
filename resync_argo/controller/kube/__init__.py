"""Access to the API server: requests, watches, a cache and a queue, independent of this project's kinds.

In: JSON from the API server. Out: objects in a `Cache`, keys in a `Queue`, the errors of `errors`,
and a `Lease` so that only one process works.
"""
