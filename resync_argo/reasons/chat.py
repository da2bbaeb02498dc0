"""Slack's answers to messages."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

_REFUSED = (at.CHANNEL_REACHABLE.false, at.FAILED)

NOTHING_POSTED_YET = Reason(
    "NothingPostedYet",
    Kind.STATE,
    "There has been nothing to post yet.",
    shown=(at.CHANNEL_REACHABLE.unknown,),
)
POSTED = Reason(
    "Posted",
    Kind.STATE,
    "Slack accepted the last message.",
    shown=(at.CHANNEL_REACHABLE.true,),
)
NOTIFICATION_DELAYED = Reason(
    "NotificationDelayed",
    Kind.PASSING,
    "Slack did not answer, or asked to wait longer than an attempt may.",
    shown=(at.FAILED,),
)
SLACK_CREDENTIALS_MISSING = Reason(
    "SlackCredentialsMissing",
    Kind.PERSON,
    "The Slack Secret has neither the key `token` nor `webhook`.",
    "Add the bot token, or the address of an incoming webhook, under its key.",
    shown=_REFUSED,
)
SLACK_CREDENTIALS_REFUSED = Reason(
    "SlackCredentialsRefused",
    Kind.PERSON,
    "Slack does not accept the token, or the bot was removed.",
    "Put a valid bot token into the Secret.",
    shown=_REFUSED,
)
SLACK_CHANNEL_NOT_FOUND = Reason(
    "SlackChannelNotFound",
    Kind.PERSON,
    "Slack finds no such channel, or the channel is archived.",
    "Correct its name, or use its id. A private channel must have invited the bot.",
    shown=_REFUSED,
)
SLACK_NOT_IN_CHANNEL = Reason(
    "SlackNotInChannel",
    Kind.PERSON,
    "The bot is not a member of the channel.",
    "`/invite` it.",
    shown=_REFUSED,
)
SLACK_SCOPE_MISSING = Reason(
    "SlackScopeMissing",
    Kind.PERSON,
    "The Slack app lacks the scope that the message names.",
    "Add the scope to the app and install it again.",
    shown=_REFUSED,
)
SLACK_MESSAGE_REFUSED = Reason(
    "SlackMessageRefused",
    Kind.PERSON,
    "Slack refuses the message: it is empty, too long or malformed.",
    "Change the message in the Plan.",
    shown=_REFUSED,
)
SLACK_REFUSED = Reason(
    "SlackRefused",
    Kind.PERSON,
    "Slack refused for another reason. The message quotes its word for it.",
    "Look that word up in Slack's documentation.",
    shown=_REFUSED,
)
