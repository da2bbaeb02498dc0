"""Opens a pull request with the Plan's labels and reviewers: the final one or a conflict's.

Once a pull request is there it is found and left as people made it, so nobody comes back for labels and
reviewers: what the forge does not answer is tried again here, from the start, which is safe to repeat.
A reviewer who left since the Plan was written is no reason to fail a sync: the pull request says so.
"""

from dataclasses import replace

from resync_argo.api.plan import GitHub
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import code
from resync_argo.attempt.patience import patiently
from resync_argo.forge.interface import Forge, PullRequest, RequestRefused

MAX_PATIENCE_SECONDS = 80.0
"""With all of an attempt's patience before, less than the grace period of the pod."""


def open_new(
    attempt: Attempt, forge: Forge, *, branch: str, base: str, title: str, body: str
) -> PullRequest:
    """Return a pull request that was just opened.

    Raises:
        Stalled: the forge refuses.
        Transient: it does not answer, and patience is at its end.
    """

    def request() -> PullRequest:
        made = forge.create_pull_request(branch=branch, base=base, title=title, body=body)
        if github is not None:
            forge.add_labels(made.number, github.labels)
            _request_reviewers(forge, made, github)
        return made

    github = attempt.contract.config.github
    patience = min(attempt.patience_seconds, MAX_PATIENCE_SECONDS)
    return patiently(replace(attempt, patience_seconds=patience), request)


def _request_reviewers(forge: Forge, made: PullRequest, github: GitHub) -> None:
    try:
        forge.request_reviewers(made.number, users=github.reviewers, teams=github.team_reviewers)
    except RequestRefused as error:
        forge.comment(
            made.number,
            f"Nobody was asked to review this: {code(str(error))}\n\n"
            "Please ask somebody, and correct `reviewers` and `teamReviewers` of `config.github` in the Plan.",
        )
