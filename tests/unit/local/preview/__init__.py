"""What `preview` remembers."""
