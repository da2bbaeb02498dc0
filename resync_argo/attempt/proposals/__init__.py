"""Proposals for files in conflict.

Tools that the Plan names make them in the step's container; trusted code only asks for them and
checks them.
"""
