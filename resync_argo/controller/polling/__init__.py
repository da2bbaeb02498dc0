"""Polls everything outside the cluster, so that no reconcile waits for a network.

In: a reconcile's question (a demand). Out: the last answer (`Seen`), and a message to the queue
when it changes. Each `Poller` has its own threads, and `Lanes` share them fairly between namespaces
and hosts.
"""
