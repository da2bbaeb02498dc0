"""What the controller serves over HTTP: webhooks for the forge, metrics and health for the cluster.

In: requests. Out: keys that are reconciled sooner, and numbers read from the caches.
"""
