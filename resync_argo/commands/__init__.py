"""The commands of `resync-argo`, one module for each group of them.

Imports of the project are inside the functions, so that a command loads only what it needs.
"""
