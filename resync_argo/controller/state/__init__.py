"""What the controller knows of the cluster: which objects it keeps, and how it finds them.

In: objects as the informers read them. Out: `Caches`, and the `Key`s of what the queue holds.
"""
