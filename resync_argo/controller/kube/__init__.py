"""The API server: requests, watches, a cache and a queue that know nothing of this project's kinds.

In: JSON from the API server. Out: objects in a `Cache`, keys in a `Queue`, errors as `errors` sorts
them, and a `Lease` that lets one process work.
"""
