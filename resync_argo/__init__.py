"""resync-argo keeps downstream forks in step with their upstream's releases, on Argo Workflows.

How data flows, one package per line:

upstream/ upstream's tags, their versions, which of them are due, and in which order compile/ a Plan
becomes a WorkflowTemplate submit/ a Sync becomes a Workflow; a Workflow's status becomes progress
attempt/ what runs in the Workflow's pod: checkout, the steps, the pull request, the conflict
conflicts/ what a conflict is and when it is resolved, for pod and controller forge/ pull requests,
comments and statuses on the host of the downstream repository notify/ what people read in Slack
controller/ watches the cluster and reconciles Plans, Tags and Syncs local/ the same on a laptop,
and commands that look at a cluster

`api/` holds the three kinds as data, `contract` holds what the controller and the pod agree on, and
`reasons/` every reason that a condition can give. import-linter enforces the order
(pyproject.toml).
"""

__version__ = "0.1.0"
