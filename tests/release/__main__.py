"""`python -m tests.release [--version X.Y.Z] [--image registry/name:tag] [--signing-key key.pem]`: builds a release into dist/."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.release.programs import ReleaseError
from tests.release.release import Wanted, make_release
from tests.release.version import set_version

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Build; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.release", description=__doc__)
    parser.add_argument("--version", help="set it in all files and commit them first")
    parser.add_argument("--image", default="", help="registry/name:tag to build and push")
    parser.add_argument("--signing-key", type=Path, help="private key (PEM) to sign with")
    parser.add_argument(
        "--builder", default="urn:resync-argo:builder:unnamed", help="URI of who builds"
    )
    given = parser.parse_args()
    wanted = Wanted(image=given.image, signing_key=given.signing_key, builder=given.builder)
    try:
        if given.version:
            _print(set_version(ROOT, given.version))
        _print(make_release(ROOT, ROOT / "dist", wanted))
    except ReleaseError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 1
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
