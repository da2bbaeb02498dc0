"""What a fork's own history says: which merges brought upstream's releases, and where their pull requests ended."""
