"""What hosts of repositories say when they refuse, and which of it passes by itself."""
