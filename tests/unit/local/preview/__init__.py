"""Tests of what `preview` remembers."""
