"""Open pull requests of the downstream repository that come along with a sync, `config.include`.

`choose` decides which fit (pure), `record` keeps in a ref beside the branches which came along and at which
commits, `find` pins them for an attempt and fetches them, and `describe` tells people.
"""
