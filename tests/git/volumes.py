"""The volumes of an attempt's pod, in a folder."""

from pathlib import Path

from resync_argo.contract import Layout


def layout_in(folder: Path) -> Layout:
    """Return the layout of a pod whose volumes lie in a folder; creates nothing."""
    return Layout(
        workspace=folder / "workspace",
        trusted=folder / "trusted",
        secrets=folder / "secrets",
        argo=folder / "argo",
        termination=folder / "termination",
    )
