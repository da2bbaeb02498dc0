"""People's comments on pull requests: commands, of which the newest counts, and settings, which all count."""
