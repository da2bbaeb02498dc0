"""Plans on a laptop: lint, preview and run them without a cluster, and inspect a cluster from outside."""
