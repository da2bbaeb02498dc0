"""Open pull requests of the downstream repository that a sync includes, `config.include`.

`choose` selects the matching ones (pure). `record` stores the included ones and their commits in a
ref next to the branches. `find` pins them for an attempt and fetches them, and `describe` informs
people.
"""
