"""Where Python finds modules in a process of the program, as on a user's machine."""

import os
from pathlib import Path

_ABSENT = Path(__file__).parent / "absent"


def users_python() -> dict[str, str]:
    """Return the variable by which the program finds what users have, and not what tests brought along.

    Tools of the tests bring `rfc3987_syntax`, which jsonschema loads where it finds it; that takes most of
    the time in which the program starts.
    """
    # The program that is tested is the checkout that the tests are from, wherever it is installed.
    given = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(_ABSENT), *([given] if given else [])])}
