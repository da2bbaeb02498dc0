"""Lists a fork's own changes, at any time: the command `delta`."""
