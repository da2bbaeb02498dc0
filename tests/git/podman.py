"""A real container engine for `resync-argo run --steps-in podman`: Debian's podman, with a separate store.

It asks no registry: the only image is the root file system of the cluster's steps.
"""

import subprocess
from pathlib import Path

from tests.cluster.catalogue import step_layer
from tests.cluster.packages import ensure_programs

IMAGE = "localhost/step:1"
_PROGRAMS = {"podman": "podman", "runc": "runc", "mmdebstrap": "mmdebstrap"}

# Use the host's network, since another would change the machine's; and limits that any user may
# set.
_SETTINGS = """\
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def make_engine(folder: Path) -> dict[str, str]:
    """Return the variables with which `podman` has the image, and nothing else of this machine.

    Raises:
        ClusterError: a Debian package cannot be had.
        CalledProcessError: podman does not run here.
    """
    ensure_programs(_PROGRAMS)
    folder.mkdir()
    settings, storage = folder / "containers.conf", folder / "storage.conf"
    settings.write_text(_SETTINGS)
    storage.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/images"\nrunroot = "{folder}/run"\n'
    )
    variables = {
        "CONTAINERS_CONF": str(settings),
        "CONTAINERS_STORAGE_CONF": str(storage),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
    layer = step_layer().path
    subprocess.run(["podman", "import", "--quiet", layer, IMAGE], env=variables, check=True)
    return variables
