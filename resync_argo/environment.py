"""Reads the settings from the variables of an environment, with pydantic-settings.

It is separate from `settings`, which the containers of an attempt load, too: they read no such
variables, and would start an eighth slower with this library.
"""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from resync_argo.errors import ResyncError
from resync_argo.settings import Settings

PREFIX = "RESYNC_"


class _Environment(Settings, BaseSettings):
    """Settings from variables; fields parse JSON themselves."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, enable_decoding=False)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings from `RESYNC_*` variables, with defaults for the others.

    Args:
        environ: such as `os.environ`; nothing else is read.

    Raises:
        ResyncError: a variable's value is invalid; the message names the variable.
    """
    source = EnvSettingsSource(_Environment)
    source.env_vars = {name.lower(): text for name, text in environ.items()}
    try:
        return Settings.model_validate(source())
    except ValidationError as error:
        first = error.errors()[0]
        name, *inside = map(str, first["loc"])
        where = f"{'.'.join(inside)}: " if inside else ""
        raise ResyncError(
            f"{PREFIX}{name.upper()} cannot be used: {where}{first['msg']}."
        ) from error
