"""What runs in the Workflow's pod: our containers before, between and after the steps.

The way of the data, one package each:

    checkout/     two repositories and a tag become the steps' clone
    steps/        what runs around each step: the wrapper, our `git`, the barrier
    repository/   the trusted clone: fetched from outside, and from what the steps left
    conflict/     a conflict becomes a pull request, and its answers come back
    publish/      the actions: the branch is pushed, the pull request opened, people notified

`container` is where a container begins, `outcome` how an attempt ends. The other modules serve all
packages: `context` says what every part is given, `results` what each container leaves for the next.
"""
