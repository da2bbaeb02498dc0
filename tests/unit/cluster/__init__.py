"""Tests of the local world's start: how it reads programs' output, and its messages when it fails."""
