"""A real Gitea behind a thin GitHub face of our own: the forge that the tests run against."""
