"""The text of a first Plan, with a comment where somebody has to choose. Pure."""

from collections.abc import Iterator

from resync_argo.local.start.survey import Surveyed
from resync_argo.names import API_VERSION, slug

SCHEMA_FILE = "plan.schema.json"
_LONGEST = 40


def first_plan(surveyed: Surveyed, *, fork: str | None) -> str:
    """Return the Plan as YAML.

    Args:
        surveyed: what both repositories show.
        fork: `host/owner/name` of the repository that branches are pushed to; None: the downstream's own.
    """
    return "\n".join((*_head(surveyed), *_downstream(surveyed, fork), *_rest(surveyed))) + "\n"


def _head(surveyed: Surveyed) -> Iterator[str]:
    name = surveyed.downstream.rpartition("/")[2]
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
    yield f"# Brings {surveyed.upstream} into {surveyed.branch} of {surveyed.downstream}."
    yield from (f"apiVersion: {API_VERSION}", "kind: Plan", "metadata:")
    yield f"  name: {slug(f'{name}-{surveyed.branch}', limit=_LONGEST)}"
    yield from ("spec:", "  config:", "    upstream:", f"      name: {surveyed.upstream}")
    releases = surveyed.releases
    if releases is None:
        yield "      # No tag is a version, so the newest commit of this branch is taken now and then."
        yield f"      branch: {surveyed.upstream_branch}"
        yield "      every: 1d"
        return
    yield f"      # The newest release is {releases.newest}. Older ones of the range come first, one after the other."
    yield f'      matchedVersions: ["{releases.range}"]'
    if releases.prefix is not None:
        yield f'      tagPrefix: "{releases.prefix}"'
    if releases.versioning != "Semver":
        yield f"      versioning: {releases.versioning}"
    yield "      # To let a release age before it is taken:"
    yield "      # minimumAge: 3d"


def _downstream(surveyed: Surveyed, fork: str | None) -> Iterator[str]:
    yield from ("    downstream:", f"      name: {surveyed.downstream}")
    yield f'      branch: "{surveyed.branch}"'
    if fork is not None:
        yield f"      fork: {fork}"
    else:
        yield "      # Branches are pushed to this repository, so its CI runs upstream's code with its secrets before"
        yield "      # anybody has reviewed it. To avoid that, name a fork instead: `fork: host/owner/name`."
        yield "      trustUpstream: true"
    if surveyed.releases is not None:
        yield "    # To skip the releases before the newest one:"
        yield "    # order: Latest"


def _rest(surveyed: Surveyed) -> Iterator[str]:
    language = surveyed.language
    why = (
        f"the branch has a {language.file}"
        if language.file
        else "put in one that has what your steps need"
    )
    yield f"    image: {language.image}  # {why}"
    yield from ("    github:", "      credentials:")
    yield "        secretSelector: github-secret  # in a cluster: the Secret with the token"
    yield from ("  steps:", "  - name: Merge")
    merged = '"$UPSTREAM_TAG"' if surveyed.releases is not None else '"$UPSTREAM_COMMIT"'
    yield f"    run: git merge --no-edit {merged}"
    yield "  - name: Re-generate"
    if language.regenerate is not None:
        yield f"    regenerate: {language.regenerate}"
    else:
        yield "    run: |"
        yield "      # what makes generated files again, such as: make update"
        yield "      git add -A"
        yield '      git diff --cached --quiet || git commit -m "Re-generate"'
    yield from ("  - name: Pull request", "    action:", "      type: pull-request")
    title = surveyed.upstream.rpartition("/")[2]
    yield f'      title: "Update to {title} $UPSTREAM_VERSION"'
