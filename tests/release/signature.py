"""The list of checksums, and the signature on it, which so covers every file of a release."""

from pathlib import Path

from tests.release.programs import run
from tests.release.provenance import sha256

SUMS = "SHA256SUMS"


def write_sums(target: Path) -> None:
    """Write the checksums of all files of a folder, as `sha256sum --check` reads them, into that folder."""
    lines = [f"{sha256(file)}  {file.name}\n" for file in sorted(target.iterdir())]
    (target / SUMS).write_text("".join(lines))


def check_key(key: Path) -> None:
    """Read a private key (PEM).

    Raises:
        ReleaseError: openssl is missing, or there is no such key.
    """
    run(["openssl", "pkey", "-in", key, "-noout"])


def sign_sums(target: Path, key: Path) -> None:
    """Sign the checksums with a private key (PEM, ECDSA or RSA).

    Raises:
        ReleaseError: openssl is missing, or refuses the key.
    """
    sums = target / SUMS
    run(["openssl", "dgst", "-sha256", "-sign", key, "-out", f"{sums}.sig", sums])
