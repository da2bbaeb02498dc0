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
        file: to write; it holds the maintainer's token, so only its owner may read it.
    """
    forge = world.forge
    hosts = {"github.com": {"apiUrl": forge.api_url, "gitUrl": forge.git_url}}
    folders = [str(Path(sys.executable).parent), *(str(binary(it).parent) for it in PROGRAMS)]
    variables = {
        "KUBECONFIG": str(world.cluster.kubeconfig),
        "PATH": ":".join([*dict.fromkeys(folders), os.environ["PATH"]]),
        "GITHUB_TOKEN": forge.tokens[MAINTAINER],
        "RESYNC_HOSTS": json.dumps(hosts),
        **_git_settings(
            {
                f"url.{forge.git_url}/.insteadOf": "https://github.com/",
                f"credential.{forge.git_url}.helper": CREDENTIAL_HELPER,
            }
        ),
    }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    write_whole(file, "".join(lines), mode=0o600)


def _git_settings(settings: dict[str, str]) -> dict[str, str]:
    """Return the variables that give git settings of one shell (git-config, GIT_CONFIG_COUNT)."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables
