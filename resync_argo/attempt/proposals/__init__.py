"""Proposals for files in conflict, by tools that the Plan names and that run in the step's container: trusted code only asks and looks."""
