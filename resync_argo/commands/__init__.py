"""The commands of `resync-argo`, one module for each group of them.

Imports of the project are inside the functions: what a command does not need it does not load.
"""
