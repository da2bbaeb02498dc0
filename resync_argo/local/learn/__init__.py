"""What a fork's own history teaches about its conflicts: the command `learn`."""
