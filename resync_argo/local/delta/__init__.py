"""What a fork has of its own, told at any time: the command `delta`."""
