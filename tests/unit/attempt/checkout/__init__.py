"""Checkout without a repository."""
