"""The whole, on a real node with Argo, a real forge and our own image: stories of maintainers."""
