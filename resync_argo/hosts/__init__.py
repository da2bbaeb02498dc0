"""Git hosts: lists their refs, explains their refusals, and makes the commits that our own refs name."""
