"""The steps' side of the pod: their own clone, and the folder with facts about the run.

`checkout` calls `prepare` once, before any step runs; trusted code never runs git here again. The
clone is an ordinary repository with its own copy of every object, on the downstream branch, with no
credentials. Its missing objects belong to a promisor remote that fails at once with advice, so no
step hangs or asks for a password.
"""

import os
import shlex
import shutil
from importlib.resources import files
from pathlib import Path

from resync_argo.api.include import INCLUDED_REFS
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.repository.clone import UPSTREAM_REFS
from resync_argo.attempt.repository.squashed import REPLACED
from resync_argo.attempt.steps.control import Control
from resync_argo.attempt.variables import step_variables
from resync_argo.git import DISPOSABLE, Git
from resync_argo.names import COMMITTER_EMAIL, COMMITTER_NAME

PROGRAMS = "resync_argo.attempt.steps"
"""The package with the programs that run in the user's image."""

_MISSING_OBJECT = """\
#!/bin/sh
: > "${0%/*}/missing-object"
echo 'This clone is partial and lacks an object that the step asked for.' >&2
echo 'Write `clone: Full` in `config` of the Plan to have the whole history.' >&2
exit 1
"""


def prepare(attempt: Attempt, replay: ReplayInput) -> None:
    """Make the steps' clone and the control folder."""
    for name in ("home", "tmp"):
        (attempt.layout.workspace / name).mkdir(exist_ok=True)
    _write_control(attempt, replay)
    if replay.skip is None:
        _clone(attempt, replay)


def install_programs(control: Control) -> None:
    """Write the step wrapper, the `git` that comes first in steps' PATH, and the program that regenerates files."""
    control.git.parent.mkdir(parents=True, exist_ok=True)
    for source, target in (
        ("step.sh", control.wrapper),
        ("git.sh", control.git),
        ("regenerate.sh", control.regenerate),
    ):
        target.write_text(files(PROGRAMS).joinpath(source).read_text())
        target.chmod(0o755)
    if not control.answer.exists():
        os.mkfifo(control.answer)
    missing = _missing_object(control)
    missing.write_text(_MISSING_OBJECT)
    missing.chmod(0o755)


def _write_control(attempt: Attempt, replay: ReplayInput) -> None:
    control = Control(directory=attempt.layout.control)
    install_programs(control)
    variables = step_variables(attempt, replay)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    control.environment.write_text("".join(lines))
    if replay.skip is not None:
        control.skip.write_text(f"{replay.skip}\n")


def _clone(attempt: Attempt, replay: ReplayInput) -> None:
    work_tree = attempt.layout.work_tree
    work_tree.mkdir()
    # Git refuses a repository of another user, and containers may run as different users.
    home = attempt.layout.workspace / "home" / ".gitconfig"
    home.write_text(f"[safe]\n\tdirectory = {work_tree}\n")
    # A login shell resets PATH (Debian's /etc/profile does), and reads this afterwards.
    programs = shlex.quote(str(Control(directory=attempt.layout.control).git.parent))
    home.with_name(".profile").write_text(f"PATH={programs}:$PATH\n")
    git = Git(directory=work_tree)
    git.run("init", "--quiet", "--template=", ".")
    shutil.copytree(
        attempt.layout.repository / "objects", work_tree / ".git" / "objects", dirs_exist_ok=True
    )
    _configure(git, attempt)
    _write_refs(git, attempt, replay)
    git.run("reset", "--quiet", "--hard")


def _configure(git: Git, attempt: Attempt) -> None:
    settings = {
        "user.name": COMMITTER_NAME,
        "user.email": COMMITTER_EMAIL,
        **DISPOSABLE,
        "maintenance.auto": "false",
        "remote.origin.url": attempt.downstream.url,
        "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
        "remote.upstream.url": attempt.upstream.url,
        "remote.upstream.fetch": "+refs/heads/*:refs/remotes/upstream/*",
        "remote.upstream.tagOpt": "--no-tags",
    }
    if attempt.contract.config.clone == "Partial":
        missing = _missing_object(Control(directory=attempt.layout.control))
        settings |= {
            "remote.resync.url": ".",
            "remote.resync.uploadPack": f"sh {shlex.quote(str(missing))}",
            "remote.resync.skipFetchAll": "true",
            "remote.resync.promisor": "true",
            "remote.resync.partialCloneFilter": "blob:none",
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "resync",
        }
    git.configure(settings)


def _write_refs(git: Git, attempt: Attempt, replay: ReplayInput) -> None:
    config = attempt.contract.config
    # The upstream's name is a ref to the tag, so that `git merge $UPSTREAM_REF` works. It is not a
    # tag: `git describe` in a step must find upstream's own. The steps' branch has the downstream's
    # name, so that merge messages name the branch that people expect.
    branch = f"refs/heads/{config.downstream.branch}"
    refs = {
        branch: replay.head,
        f"refs/remotes/origin/{config.downstream.branch}": replay.head,
        f"{UPSTREAM_REFS}{replay.tag}": replay.tag_commit,
    }
    named = f"refs/remotes/{config.upstream.name}"
    if git.succeeds("check-ref-format", named):  # some hosts have names such as `~owner`
        refs[named] = replay.tag_commit
    listing = attempt.repository.text("for-each-ref", "--format=%(objectname) %(refname)")
    for line in listing.splitlines():
        commit, _, name = line.partition(" ")
        if name.startswith(("refs/tags/", UPSTREAM_REFS, REPLACED, INCLUDED_REFS)):
            refs.setdefault(name, commit)
    commands = "".join(f"create {name} {commit}\n" for name, commit in refs.items())
    git.run("update-ref", "--stdin", stdin=commands.encode())
    git.run("symbolic-ref", "HEAD", branch)


def _missing_object(control: Control) -> Path:
    return control.directory / "missing"
