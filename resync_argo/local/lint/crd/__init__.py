"""Checks an object in a file against the CRD of its kind, as the API server does before storing it.

`verdict` asks in turn `identity` about kind and name, `shape` about fields, types and bounds, and the
CRD's `rules`, which `cel` evaluates with Kubernetes' `functions`. `schemas` reads the CRDs.
"""
