"""Go's go.mod files as data: read, merged by meaning, and held against each other (go.dev/ref/mod, "go.mod files"). Pure.

`syntax` reads lines, `module_file` what they mean, `versions` orders versions as Go does, `merge` decides about each
statement and `rewriting` writes the result into upstream's text. `checksums` does the same for go.sum. What is not
certain is `Unclear`, and a person decides.
"""
