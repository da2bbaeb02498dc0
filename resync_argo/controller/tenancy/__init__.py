"""Tenants: which namespaces and Plans may be worked for, and how much each namespace may use.

In: the API server's word on what the controller may do in a namespace, and the settings. Out: a refusal
that the Plan's condition shows, or nothing, and then the other packages go on.
"""
