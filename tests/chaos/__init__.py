"""Chaos on the real cluster: syncs with conflicts while everything around them is killed at random.

    unreliable   a proxy in front of the forge that answers as bad networks and busy hosts do
    schedule     what is broken when, decided by a seed alone
    faults       how each thing is broken, and how it comes back
    site         the Plans, their repositories, and the releases that conflict
    person       the maintainer who resolves and merges each conflict's pull request once
    recorder     what could be seen of Syncs, Workflows, pods and Events meanwhile
    verdict      what is wrong at the end, and the counts
    chaos        all of it together

`python -m tests.chaos --seconds 600 --syncs 10 [--seed S]` runs it on the local cluster. Everything that
is killed was started by the tests, everything that is attacked listens on this machine's own addresses,
and all of it ends by itself.
"""
