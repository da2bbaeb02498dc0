"""Checks an object in a file against the CRD of its kind, as the API server does before storing it.

`verdict` asks three modules in turn: `identity` checks kind and name, `shape` fields, types and
bounds, and `rules` the CRD's rules, which `cel` evaluates with Kubernetes' `functions`. `schemas`
reads the CRDs.
"""
