"""What people write on pull requests: commands, of which the newest counts, and settings, which all do."""
