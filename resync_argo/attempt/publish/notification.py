"""The action `slack-notification`: posts the Plan author's message to a channel.

Untrusted values are escaped before insertion. The text itself is the maintainer's and may use
Slack's markup.
"""

from dataclasses import replace

from resync_argo.api.plan import SlackNotificationAction
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.publish.summary import read_summary
from resync_argo.attempt.results import Result, load_result
from resync_argo.attempt.variables import all_variables, expand
from resync_argo.notify import messages


def notify(attempt: Attempt, action: SlackNotificationAction) -> Result:
    """Post a Plan's message, with a link to the pull request if there is one.

    Raises:
        Stalled: a variable has no value, or Slack refuses; the message says why.
        Transient: Slack does not answer.
    """
    variables = all_variables(attempt, attempt.replay_input())
    escaped = {name: messages.escape(value) for name, value in variables.items()}
    message = messages.notification(expand(action.message, escaped))
    if summary := read_summary(attempt):
        told = message.sections or (message.text,)
        message = replace(message, sections=(*told, messages.steps_say(summary)))
    address = pull_request_address(attempt)
    if address is not None:
        told = message.sections or (message.text,)
        link = messages.link(address, "The pull request")
        message = replace(message, sections=(*told, link))
    attempt.notifier.post(action.channel, message)
    return Result(pull_request=address)


def pull_request_address(attempt: Attempt) -> str | None:
    """Return the address of the pull request that an action of this attempt opened."""
    results = (load_result(attempt, step.container) for step in attempt.contract.steps)
    return next((it.pull_request for it in results if it and it.pull_request), None)
