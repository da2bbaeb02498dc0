"""The yardstick: people's usual bots, with a full clone and only git."""

from tests.git.builders import BRANCH

_BEGIN = f"""\
set -e
git clone --quiet "$1/downstream/project" clone
cd clone
git switch --quiet -c sync origin/{BRANCH}
git fetch --quiet "$1/upstream/project" tag "$2"
"""

RESOLVED = "resolved"
"""The downstream branch with what a person made of the files in conflict."""

SYNC = f'{_BEGIN}git merge --quiet --no-edit "$2" >/dev/null\ngit push --quiet origin sync\n'
"""Clone, merge and push a release; ends with 1 at a conflict."""

SECOND = f"""\
{_BEGIN}
git merge --quiet --no-edit "$2" >/dev/null || {{
    git diff --name-only --diff-filter=U | git checkout --quiet origin/{RESOLVED} --pathspec-from-file=-
    git commit --quiet --no-edit
}}
git push --quiet origin sync
"""
"""The same once a person has resolved the conflict: the files are taken from that branch."""
