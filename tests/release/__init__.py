"""Builds what a release publishes: `make release`, which is `python -m tests.release`.

The commit is exported to a folder of its own (`source`); from there come the Python packages (`packages`), the
manifests (`manifests`), the list of what is in them (`sbom`) and the image (`image`). `provenance` says what they were
made of, and `signature` lists and signs them. Two builds of one commit give the same files.
"""
