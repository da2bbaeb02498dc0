"""Upstreams: a poller reads their tags, and each wanted release gets a Tag object.

In: the addresses that Plans name. Out: Tag objects, linked to the next; a Tag's status.
"""
