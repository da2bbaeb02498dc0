"""What starts the local world: how it reads what programs say, and what it says when it fails."""
