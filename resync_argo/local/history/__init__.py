"""A fork's own history: the merges that brought upstream's releases, and the ends of their pull requests."""
