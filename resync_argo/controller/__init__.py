"""Watches the cluster and reconciles Plans and Tags; the only home of the Kubernetes client."""
