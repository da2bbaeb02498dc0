"""Certificates for the cluster's parts, made with openssl and good for a month."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.packages import CERTIFICATE_PROGRAMS, ensure_programs

_DAYS = "30"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The cluster's certificate authority and the folder in which it puts what it issues."""

    directory: Path

    @property
    def certificate(self) -> Path:
        """The authority's own certificate."""
        return self.directory / "ca.crt"

    def issue(
        self, common_name: str, *, organization: str = "resync", addresses: Sequence[str] = ()
    ) -> Pair:
        """Issue a certificate for a client or a server.

        Args:
            common_name: the user in Kubernetes' eyes.
            organization: the group in Kubernetes' eyes.
            addresses: host names (`DNS:…`) and addresses (`IP:…`) of a server.
        """
        stem = self.directory / common_name.replace(":", "-")
        pair = Pair(certificate=stem.with_suffix(".crt"), key=stem.with_suffix(".key"))
        request = stem.with_suffix(".csr")
        extensions = stem.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={','.join(addresses)}\n" if addresses else "\n")
        _openssl(
            "req",
            *_NEW_KEY,
            "-keyout",
            pair.key,
            "-out",
            request,
            "-subj",
            f"/O={organization}/CN={common_name}",
        )
        _openssl(
            *("x509", "-req", "-in", request, "-out", pair.certificate, "-days", _DAYS),
            *("-CA", self.certificate, "-CAkey", self.directory / "ca.key", "-CAcreateserial"),
            *("-extfile", extensions),
        )
        return pair


def create_authority(directory: Path) -> Authority:
    """Make a certificate authority, or take the one that is there."""
    ensure_programs(CERTIFICATE_PROGRAMS)
    directory.mkdir(parents=True, exist_ok=True)
    authority = Authority(directory=directory)
    if not authority.certificate.exists():
        key = directory / "ca.key"
        unfinished = authority.certificate.with_suffix(".unfinished")
        _openssl(
            "req",
            "-x509",
            *_NEW_KEY,
            "-keyout",
            key,
            "-out",
            unfinished,
            "-subj",
            "/CN=resync",
            "-days",
            _DAYS,
        )
        unfinished.rename(authority.certificate)
    return authority


def create_signing_key(directory: Path) -> Pair:
    """Make the key that signs service account tokens; `certificate` holds its public half."""
    pair = Pair(
        certificate=directory / "service-accounts.pub", key=directory / "service-accounts.key"
    )
    if not pair.certificate.exists():
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pair.key)
        unfinished = pair.certificate.with_suffix(".unfinished")
        _openssl("ec", "-in", pair.key, "-pubout", "-out", unfinished)
        unfinished.rename(pair.certificate)
    return pair


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"openssl {arguments[0]} failed:\n{done.stderr.strip()}")
