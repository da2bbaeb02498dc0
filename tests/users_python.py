"""pytest plugin: hides a package from these processes and from those that they start, as it is on a user's machine.

Tools of the tests bring `rfc3987_syntax`, which jsonschema loads where it finds it. That takes three seconds of
processor time, ten times as long as the program's start.
"""

import os
import sys
from pathlib import Path

_ABSENT = str(Path(__file__).parent / "absent")
_GIVEN = [it for it in os.environ.get("PYTHONPATH", "").split(os.pathsep) if it and it != _ABSENT]

os.environ["PYTHONPATH"] = os.pathsep.join([_ABSENT, *_GIVEN])
sys.path.insert(0, _ABSENT)
