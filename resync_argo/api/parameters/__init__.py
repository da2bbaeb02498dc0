"""The parameters of a Plan: what they are, and which values they have for one release."""
