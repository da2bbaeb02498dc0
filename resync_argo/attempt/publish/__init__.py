"""The Plan's actions: the branch is pushed, the pull request opened, the chat told.

In: the commit that the last step left. Out: a branch on which nobody's work is overwritten, one pull
request, a message.
"""
