"""The controller: watches Plans, Tags, Syncs and Workflows, and brings each to where it should be.

The way of one release through the packages:

    upstream/  a poller reads the upstream's tags; a Tag is made of each release that is wanted
    order/     whose turn is it on the branch? That release gets a Sync
    sync/      the Sync submits a Workflow, waits for people, resumes, ends
    forge/     pollers ask the forge what a Sync has to know, and do what it leaves behind
    plan/      a Plan's WorkflowTemplate, conditions and counts
    slack/     what people read about a Sync
    serving/   webhooks, metrics, health

`kube/` talks to the API server, `state/` keeps what is known of it, `polling/` looks at the network so
that no reconcile waits for it. `changes` turns a changed object into keys for the queue, `workers` take
the keys to their reconcilers, `build` puts everything together, `main` runs it.
"""
