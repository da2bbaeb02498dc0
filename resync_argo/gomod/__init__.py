"""Reads, compares and merges Go's go.mod files by meaning (go.dev/ref/mod, "go.mod files"). Pure.

`syntax` reads lines, `module_file` their meaning, and `versions` orders versions as Go does.
`merge` decides about each statement, and `rewriting` writes the result into upstream's text.
`checksums` merges go.sum. Anything uncertain raises `Unclear`, and a person decides.
"""
