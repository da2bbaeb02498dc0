"""Messages to people: the `Notifier` protocol, the texts, and Slack."""
