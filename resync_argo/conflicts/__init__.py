"""What a conflict is, how it is written into git, and when it is resolved: for pod and controller."""
