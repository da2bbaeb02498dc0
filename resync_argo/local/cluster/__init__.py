"""A cluster seen from a laptop: the state of every Tag, the graph of releases, logs, and requests."""
