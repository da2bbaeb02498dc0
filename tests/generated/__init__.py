"""Random pairs of histories, and what must hold whatever they are; `python -m tests.generated --help`."""
