"""A first Plan from two repository names, and the schema with which editors check it."""
