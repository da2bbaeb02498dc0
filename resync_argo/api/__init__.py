"""The kinds Plan, Tag and Sync as pure data; no I/O."""
