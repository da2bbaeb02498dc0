"""Looks at what is outside the cluster, so that no reconcile waits for a network.

In: what a reconcile has to know (a demand). Out: what the last look showed (`Seen`), and a word to the
queue when that changed. Each `Poller` has threads of its own, and `Lanes` share them fairly between
namespaces and hosts.
"""
