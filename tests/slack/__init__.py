"""A small receiver that answers as Slack documents, for tests and the demo."""
