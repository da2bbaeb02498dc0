"""A small world to run in: repositories shaped for a Plan, a forge, Slack, and our controller.

The demonstration, the tests on the real cluster and the measurements share it.
"""
