"""The shell of a person who goes on where the demonstration ends."""

import json
import os
import shlex
import sys
from pathlib import Path

from tests.cluster.files import write_whole
from tests.cluster.toolchain import binary
from tests.forge.launcher import MAINTAINER
from tests.world.world import World

PROGRAMS = ("kubectl", "argo")

CREDENTIAL_HELPER = f'!f() {{ echo username={MAINTAINER}; echo "password=$GITHUB_TOKEN"; }}; f'
"""Git's own notation of a helper that is a shell function (gitcredentials)."""


def write_shell(world: World, file: Path) -> None:
    """Write what a shell evaluates to be the maintainer: kubectl, argo, resync-argo and git know where all is.

    Args:
        world: with the cluster and the forge.
        file: is written; it holds the maintainer's token, so only its owner may read it.
    """
    forge = world.forge
    hosts = {"github.com": {"apiUrl": forge.api_url, "gitUrl": forge.git_url}}
    folders = [str(Path(sys.executable).parent), *(str(binary(it).parent) for it in PROGRAMS)]
    variables = {
        "KUBECONFIG": str(world.cluster.kubeconfig),
        "PATH": ":".join([*dict.fromkeys(folders), os.environ["PATH"]]),
        "GITHUB_TOKEN": forge.tokens[MAINTAINER],
        "RESYNC_HOSTS": json.dumps(hosts),
        "FORGE": forge.git_url,
        # One setting of git for this shell alone (git-config, GIT_CONFIG_COUNT).
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"credential.{forge.git_url}.helper",
        "GIT_CONFIG_VALUE_0": CREDENTIAL_HELPER,
    }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    write_whole(file, "".join(lines), mode=0o600)
