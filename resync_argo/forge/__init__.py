"""Pull requests: the `Forge` protocol and the forges that implement it."""
