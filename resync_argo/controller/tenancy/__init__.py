"""Decides which namespaces and Plans are active, and how much each namespace may use.

In: the API server's answer about the controller's permissions in a namespace, and the settings.
Out: a refusal for the Plan's condition, or nothing if the Plan is active.
"""
