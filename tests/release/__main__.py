"""`python -m tests.release [--image registry/name:tag] [--signing-key key.pem]`: builds a release into dist/."""

import argparse
import sys
from pathlib import Path

from tests.release.programs import ReleaseError
from tests.release.release import Wanted, make_release

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Build; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.release", description=__doc__)
    parser.add_argument("--image", default="", help="registry/name:tag to build and push")
    parser.add_argument("--signing-key", type=Path, help="private key (PEM) to sign with")
    parser.add_argument(
        "--builder", default="urn:resync-argo:builder:unnamed", help="URI of who builds"
    )
    given = parser.parse_args()
    wanted = Wanted(image=given.image, signing_key=given.signing_key, builder=given.builder)
    try:
        for line in make_release(ROOT, ROOT / "dist", wanted):
            print(line, flush=True)
    except ReleaseError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
