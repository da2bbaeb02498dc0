"""What runs in the pod of a sync: checkout, steps, actions, and `main`."""
