"""Debian packages: what the machine must have besides the language toolchains."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from tests.cluster.errors import ClusterError

# Program -> the Debian package that brings it.
CERTIFICATE_PROGRAMS = {"openssl": "openssl"}
NODE_PROGRAMS = {
    **CERTIFICATE_PROGRAMS,
    "busybox": "busybox-static",
    "conntrack": "conntrack",
    "containerd": "containerd",
    "ctr": "containerd",
    "ip": "iproute2",
    "iptables": "iptables",  # kubelet still looks for it
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "runc": "runc",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
}
# A fresh machine updates itself meanwhile, and holds dpkg's lock; a mirror may miss a request.
_PATIENCE = ("-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")
# What builds the Containerfile.
IMAGE_PROGRAMS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap"}


def ensure_programs(programs: Mapping[str, str]) -> None:
    """Install the packages of the programs that are missing.

    Raises:
        ClusterError: some are missing and this user cannot install them.
    """
    missing = sorted({package for program, package in programs.items() if not _find(program)})
    if not missing:
        return
    if os.geteuid() != 0:
        raise ClusterError(f"Debian packages are missing; install them: {' '.join(missing)}")
    print(f"installing Debian packages: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "--", *missing]):
        result = subprocess.run(
            ["apt-get", "-q", *_PATIENCE, *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise ClusterError(f"apt-get {command[0]} failed:\n{result.stderr.strip()[-1000:]}")


def _find(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
