"""Reads people's comments on pull requests: the newest command, and all settings."""
