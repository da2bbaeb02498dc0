"""The controller: watches Plans, Tags, Workflows and upstreams, and brings each to where it should be.

The way through the modules: `informer` fills `cache`, a change puts keys into `queue`, `workers`
take them to `plan`, `upstream` and `tag`, which look at the forge where `wanted` says so (`looks`,
`claims`: a pod's word is not enough), decide with `board` and `advance` (no I/O), act
through `kube`, `runs` and `pull_requests`, and write one status at the end. `webhooks` only puts
keys into the queue sooner. `main` builds it all.
"""
