"""The controller's cached state of the cluster: the objects, and how to find them.

In: objects as the informers read them. Out: `Caches`, and the `Key`s in the queue.
"""
