"""The controller: watches and reconciles Plans, Tags, Syncs and Workflows.

How one release passes through the packages:

    upstream/  a poller reads the upstream's tags; each wanted release gets a Tag
    order/     whose turn is it on the branch? That release gets a Sync
    sync/      the Sync submits a Workflow, waits for people, resumes, ends
    forge/     pollers ask the forge a Sync's questions, and clean up after it
    plan/      a Plan's WorkflowTemplate, conditions and counts
    slack/     messages to people about a Sync
    serving/   webhooks, metrics, health

`kube/` talks to the API server, and `state/` caches its objects. `polling/` accesses the network so
that no reconcile waits for it. `changes` turns a changed object into keys for the queue, and
`workers` pass the keys to their reconcilers. `build` assembles everything, and `main` runs it.
"""
