"""A cluster seen from a laptop: where every Tag stands, the graph of releases, logs, and requests."""
