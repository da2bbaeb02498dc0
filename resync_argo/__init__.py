"""resync-argo keeps downstream forks in step with their upstream's releases, on Argo Workflows.

The way of the data, one package each:

    upstream/    upstream's tags, their versions, which are due and in which order
    compile/     a Plan becomes a WorkflowTemplate
    submit/      a Plan and a Tag become a Workflow; a Workflow's status becomes progress
    attempt/     what runs in the Workflow's pod: checkout, the steps, the pull request, the conflict
    forge/       pull requests, comments and statuses on the host of the downstream repository
    notify/      what people are told in Slack
    controller/  watches the cluster and reconciles Plans and Tags

`api/` holds the two kinds as data, `contract` what the controller and the pod agree on.
"""

__version__ = "0.1.0"
