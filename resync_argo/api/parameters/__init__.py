"""The parameters of a Plan: their definitions, and their values for one release."""
