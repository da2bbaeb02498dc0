"""What runs in the Workflow's pod: our containers before, between and after the steps.

How data flows, one package per line:

    checkout/     two repositories and a tag become the steps' clone
    steps/        what runs around each step: the wrapper, our `git`, the barrier
    repository/   the trusted clone: fetched from outside, and from what the steps left
    conflict/     a conflict becomes a pull request, and its answers come back
    publish/      the actions: the branch is pushed, the pull request opened, people notified

`container` is the entry point of a container; `outcome` ends an attempt. The other modules serve
all packages: `context` holds what every part receives, `results` what each container leaves for the
next.
"""
