"""The Plan's actions: push the branch, open the pull request, post to Slack.

In: the commit that the last step left. Out: a branch without overwriting anybody's work, one pull
request, a message.
"""
