"""The kinds Plan and Tag as pure data; no I/O."""
