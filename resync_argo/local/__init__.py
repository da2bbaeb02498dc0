"""A Plan on a laptop: lint, preview and run it without a cluster, and look at one from outside."""
