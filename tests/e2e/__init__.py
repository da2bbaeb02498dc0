"""Stories of maintainers with the whole system: a real node with Argo, a real forge and our own image."""
