"""Opens the cached clone of a Plan's two repositories for commands that only read them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.contract import Layout
from resync_argo.git import Git
from resync_argo.local.preview.cache import cached_layout
from resync_argo.local.preview.forecast import check_git
from resync_argo.local.reader import make_reader, sign_in


@contextmanager
def open_clone(plan: Plan, environ: Mapping[str, str]) -> Iterator[Attempt]:
    """Provide an attempt that reads the cached clone, to one process at a time.

    Raises:
        Stalled: the Plan cannot be run as it is.
        UsageError: git is too old, or a local clone cannot be used.
    """
    reader = make_reader(plan, Layout(), environ)
    with cached_layout(reader.upstream.url, reader.downstream.url, environ) as layout:
        check_git(Git(directory=layout.trusted))
        yield sign_in(replace(reader, layout=layout), environ)
