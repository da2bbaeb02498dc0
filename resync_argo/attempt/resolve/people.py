"""Applies people's answers from conflict pull requests, and their other changes there.

An answer counts when the same conflict comes up again. Other changes are merged three-way on top,
whichever step it was. If one no longer fits, it becomes a new conflict and is never dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from resync_argo.attempt.conflict.answers import Answered
from resync_argo.attempt.conflict.decisions import Decision
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.three_way import Three
from resync_argo.attempt.resolve.work import Work, from_three
from resync_argo.conflicts.record import ConflictPath
from resync_argo.conflicts.resolution import Change


@dataclass(kw_only=True)
class People:
    """People's answers, oldest pull request first.

    Attributes:
        answered: the answers.
        applied: keys of the pull requests whose other changes this attempt has already applied.
    """

    answered: Sequence[Answered]
    applied: set[str] = field(default_factory=set)

    def answered_at(self, where: str) -> set[str]:
        """Return the keys of the conflicts of an operation and stop that people answered."""
        return {
            path.key
            for one in self.answered
            if one.record.conflict.where == where
            for path in one.record.conflict.paths
            if path.path not in one.resolution.left
        }

    def decide(self, work: Work) -> None:
        """Decide everything that the answers cover.

        Raises:
            GitError: an object is missing.
        """
        stop = _Stop(work=work, people=self)
        # Other changes may bring up a conflict that a later pull request answered.
        while stop.use_answers():
            stop.apply_changes()
        self.applied |= stop.used

    def authors_of(self, decisions: Sequence[Decision]) -> tuple[str, ...]:
        """Return the authors of the deciding answers, as `Name <address>`."""
        used = {it.by for it in decisions if it.kind in ("resolution", "change")}
        named = (name for one in self.answered if one.record.key in used for name in one.authors)
        return tuple(dict.fromkeys(named))

    def by_path(self, decisions: Sequence[Decision]) -> dict[bytes, tuple[str, ...]]:
        """Return the authors of the deciding answers for each path that they decided."""
        found: dict[bytes, list[Decision]] = {}
        for it in decisions:
            for name in it.entries:
                found.setdefault(name, []).append(it)
        return {name: self.authors_of(those) for name, those in found.items()}


@dataclass(kw_only=True)
class _Stop:
    """The answers on one stop."""

    work: Work
    people: People
    used: set[str] = field(default_factory=set)
    settled: set[tuple[str, bytes]] = field(default_factory=set)
    _asked_about: list[dict[bytes, ConflictPath]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Index each pull request's paths once: both it and the conflict may have thousands."""
        conflicts = (one.record.conflict for one in self.people.answered)
        self._asked_about = [
            {it.path: it for it in conflict.paths if conflict.where == self.work.where}
            for conflict in conflicts
        ]

    def use_answers(self) -> bool:
        """Apply answers; return whether this used another pull request."""
        before = len(self.used)
        for path in sorted(self.work.unmerged):
            self._answer(self.work.unmerged[path])
        return len(self.used) > before

    def _answer(self, conflict: Logical) -> None:
        for one, about in zip(self.people.answered, self._asked_about, strict=True):
            asked = about.get(conflict.path.path)
            if asked is None:
                continue
            key = one.record.key
            if asked.key != conflict.path.key:
                is_here = one.record.conflict.step == self.work.step
                # The branch moved: the answer does not fit, but the other changes may.
                if is_here and key not in self.people.applied:
                    self.used.add(key)
                continue
            self.used.add(key)
            # Merged unresolved: its other changes count, and a later answer may follow.
            if asked.path in one.resolution.left:
                continue
            self.work.take("resolution", key, conflict.path, one.resolution.answers[asked.path])
            self.settled |= {(key, name) for name in asked.names}
            return

    def apply_changes(self) -> None:
        """Apply other changes from the pull requests in use, oldest first."""
        for number, one in enumerate(self.people.answered):
            key = one.record.key
            if key in self.used and key not in self.people.applied:
                self.people.applied.add(key)
                later = {it.record.key for it in self.people.answered[number + 1 :]}
                # The change did not fit before, so people were asked about the path itself.
                settled = {path for by, path in self.settled if by in later}
                changes = [it for it in one.resolution.changes if it.path not in settled]
                self._apply(key, changes)

    def _apply(self, key: str, changes: Sequence[Change]) -> None:
        work = self.work
        present = work.present([it.path for it in changes])
        to_merge = []
        for it in changes:
            holder = work.holder(it.path)
            if holder is not None:
                self._change_unmerged(key, holder, it)
            elif present[it.path] == it.before:
                work.take("change", key, _path(it), {it.path: it.after})
            elif present[it.path] != it.after:
                to_merge.append(
                    # If the two do not fit together, the person's version becomes downstream's side.
                    Three(path=it.path, base=it.before, ours=it.after, theirs=present[it.path])
                )
        for version in to_merge:
            self._merge(key, version)

    def _merge(self, key: str, version: Three) -> None:
        result = self.work.merge([version])[version.path]
        if result.clean:
            path = from_three(version, result).path
            self.work.take("change", key, path, {version.path: result.entry})
        else:
            self._say(version.path)
            self.work.put(version, result)

    def _change_unmerged(self, key: str, conflict: Logical, change: Change) -> None:
        """Put a change into downstream's side of a path that is itself in conflict, if it fits."""
        own = conflict.path.downstream.get(change.path)
        version = Three(path=change.path, base=change.before, ours=own, theirs=change.after)
        result = self.work.merge([version])[change.path] if own and change.after else None
        if result is None or not result.clean or result.entry is None:
            self._say(change.path)
            return
        self.work.change_downstream(conflict, change.path, result.entry)
        path = from_three(version, result).path
        self.work.note(key, path, {change.path: result.entry})

    def _say(self, path: bytes) -> None:
        self.work.say(path, "the person's change does not fit any more")


def _path(change: Change) -> ConflictPath:
    return ConflictPath(
        path=change.path,
        ancestor=change.before,
        downstream={change.path: change.before} if change.before else {},
        upstream={change.path: change.after} if change.after else {},
        names=(change.path,),
    )
