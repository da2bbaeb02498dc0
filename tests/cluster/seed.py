"""The API's data as it is before anything runs: Argo's kinds installed, nothing else.

An API server works for half a minute on Argo's kinds when they are created (11 MB of schemas), and
for a second or two when it finds them. So the data is kept once per version of the programs, and
every start begins with a copy.
"""

import hashlib
import shutil
from pathlib import Path

from tests.cluster.apiserver import ApiServer
from tests.cluster.argo import install_kinds
from tests.cluster.kubectl import Kubectl
from tests.cluster.node import start_api
from tests.cluster.toolchain import cache_directory

# A new number makes kept data useless: for a change of what is installed or of the API's flags.
_FORMAT = "1"


def start_seeded_api(state: Path, *, identity: str) -> ApiServer:
    """Start the API server of an empty cluster that has Argo's kinds.

    Args:
        state: a state folder without data.
        identity: which programs run; other programs may keep other data.
    """
    key = hashlib.sha256(f"{_FORMAT}\n{identity}".encode()).hexdigest()[:16]
    seed = cache_directory() / f"seed-{key}"
    data = state / "etcd"
    if seed.exists():
        shutil.copytree(seed, data)
        return start_api(state)
    server = start_api(state)
    install_kinds(Kubectl(kubeconfig=server.kubeconfig))
    server.stop()
    _keep(data, seed)
    server.start()
    return server


def _keep(data: Path, seed: Path) -> None:
    unfinished = seed.with_name(f".{seed.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(data, unfinished)
    unfinished.rename(seed)
