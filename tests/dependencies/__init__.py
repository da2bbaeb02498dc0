"""Looks at the packages of others that the program runs with: `make audit`."""
