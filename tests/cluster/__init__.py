"""A real Kubernetes node with a real Argo Workflows, from host processes, for the tests.

    toolchain    builds the programs from the Go modules under `tools/`, once per user
    apiserver    etcd and kube-apiserver alone: what the `apiserver` tier needs
    node         containerd, kubelet and the rest: pods
    argo         the workflow-controller and the Argo server
    images       the images that pods use, made locally and imported
    cluster      all of it together: `up`, `down`, `status`
    choice       which cluster the tests use: this one, K3s in Docker, or one that is there
    fixtures     the pytest plugin

Command line: `python -m tests.cluster up|down|status|env`.
"""
