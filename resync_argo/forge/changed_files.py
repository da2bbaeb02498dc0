"""Converts git's lists of changed files into a forge's list for a pull request. Pure."""

from resync_argo.forge.interface import ChangedFile

CHANGES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied"}


def changed_files(names: bytes, counts: bytes) -> list[ChangedFile]:
    """Join `--name-status -z` and `--numstat -z`, which list the same files in the same order."""
    fields, numbers = iter(_fields(names)), iter(_fields(counts))
    found = []
    for letter in fields:
        renamed = letter[:1] in {"R", "C"}
        previous = next(fields) if renamed else None
        path = next(fields)
        added, deleted, _ = next(numbers).split("\t", 2)
        if renamed:  # For a rename, numstat has both names as separate fields.
            next(numbers), next(numbers)
        found.append(
            ChangedFile(
                path=path,
                status=CHANGES.get(letter[:1], "changed"),
                previous_path=previous,
                additions=int(added) if added.isdecimal() else 0,
                deletions=int(deleted) if deleted.isdecimal() else 0,
            )
        )
    return found


def _fields(output: bytes) -> list[str]:
    return output.decode(errors="surrogateescape").split("\0")[:-1]
