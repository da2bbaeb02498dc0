"""What a conflict is, how git stores it, and when it is resolved: for pod and controller."""
