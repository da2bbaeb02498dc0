"""Upstreams: their tags are read by a poller, and a Tag object is made of each release that is wanted.

In: the addresses that Plans name. Out: Tag objects, linked to the next; a Tag's status.
"""
