"""Makes a random pair of histories: what two sides did to some files."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.git.clones import Moded

Files = dict[str, str | bytes | Moded]

WORDS = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "Alpha"),
    *("ü", "-x", 'q"uote', "new\nline", "#", "[x]*", ":(top)x", "it's"),
)
FOLDERS = ("", "", "lib/", "lib/deep/", "doc/", "x y/")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What both sides started from, and what they have now."""

    base: Files
    downstream: Files
    upstream: Files


def make_pair(chance: random.Random) -> Pair:
    """Return a pair with at most a handful of changes on each side."""
    base = {_name(chance): _content(chance) for _ in range(chance.randint(2, 7))}
    base = _without_clashes(base)
    sides = [_changed(dict(base), chance) for _ in range(2)]
    return Pair(base=base, downstream=sides[0], upstream=sides[1])


def _name(chance: random.Random) -> str:
    return chance.choice(FOLDERS) + chance.choice(WORDS)


def _content(chance: random.Random) -> str | bytes | Moded:
    kind = chance.random()
    if kind < 0.05:
        return bytes([0, *chance.randbytes(20)])
    if kind < 0.1:
        return Moded("120000", chance.choice(WORDS))
    if kind < 0.15:
        return Moded("100755", _text(chance))
    return _text(chance)


def _text(chance: random.Random) -> str:
    topic = chance.choice(WORDS)
    end = chance.choice(("\n", "\n", "\n", "\r\n"))
    lines = [f"{topic} {number}{end}" for number in range(chance.choice((1, 3, 12, 30)))]
    return "".join(lines)


def _changed(files: Files, chance: random.Random) -> Files:
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        change(files, chance)
    return _without_clashes(files)


def _edit(files: Files, chance: random.Random) -> None:
    name = _one_of(files, chance)
    content = files.get(name)
    if isinstance(content, str):
        lines = content.splitlines(keepends=True)
        at = chance.randrange(len(lines) + 1)
        lines[at : at + chance.randint(0, 2)] = [f"new {chance.choice(WORDS)}\n"]
        files[name] = "".join(lines)
    elif content is not None:
        files[name] = _content(chance)


def _rename(files: Files, chance: random.Random) -> None:
    name = _one_of(files, chance)
    if name in files:
        files[_name(chance)] = files.pop(name)


def _move_folder(files: Files, chance: random.Random) -> None:
    old, new = chance.choice(FOLDERS[2:]), chance.choice(("moved/", "lib/", "doc/"))
    for name in [it for it in files if it.startswith(old)]:
        files[new + name.removeprefix(old)] = files.pop(name)


def _delete(files: Files, chance: random.Random) -> None:
    files.pop(_one_of(files, chance), None)


def _add(files: Files, chance: random.Random) -> None:
    files[_name(chance)] = _content(chance)


def _change_type(files: Files, chance: random.Random) -> None:
    files[_one_of(files, chance)] = Moded("120000", chance.choice(WORDS))


def _change_mode(files: Files, chance: random.Random) -> None:
    name = _one_of(files, chance)
    content = files.get(name)
    if isinstance(content, str):
        files[name] = Moded("100755", content)
    elif isinstance(content, Moded) and content.mode == "100755":
        files[name] = content.content


def _make_folder(files: Files, chance: random.Random) -> None:
    name = _one_of(files, chance)
    files.pop(name, None)
    files[f"{name}/{chance.choice(WORDS)}"] = _content(chance)


def _show_markers(files: Files, chance: random.Random) -> None:
    files[_name(chance)] = "<<<<<<< HEAD\nan example\n=======\nof markers\n>>>>>>> other\n"


_CHANGES: tuple[Callable[[Files, random.Random], None], ...] = (
    *(_edit, _edit, _edit, _rename, _rename, _move_folder, _delete, _add, _add),
    *(_change_type, _change_mode, _make_folder, _show_markers),
)


def _one_of(files: Files, chance: random.Random) -> str:
    return chance.choice(sorted(files)) if files else "none"


def _without_clashes(files: Files) -> Files:
    """Leave out what no tree can hold: a file where a folder is."""
    folders = {name[:at] for name in files for at in range(len(name)) if name[at] == "/"}
    return {name: content for name, content in files.items() if name not in folders}
