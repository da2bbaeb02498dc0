"""A thin GitHub face in front of a Gitea.

All state is Gitea's: git, pull requests, merging, conflict detection, permissions, the moments when
webhooks fire. These modules rename and reshape: paths, field names, status codes, webhook bodies and
signatures, and GitHub App tokens. Way of a call: `server` (journal, faults, ETag) → `routing` →
one handler in `repositories`, `pulls`, … → `backend` (Gitea) → `shapes` → `completion` → the caller.
Left out, since we use none of it: check runs, releases, search, contents, milestones, draft pull requests
(`draft` is answered false, whatever was asked).
"""
