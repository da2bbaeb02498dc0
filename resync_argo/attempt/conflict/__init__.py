"""A conflict that nobody has decided becomes a pull request; what people answer comes back.

In: where a step stopped (`stop`), as `resolve` found it. Out: two branches and a pull request that shows
just the conflict, or the answers of the ones that were merged. `trees` makes the commits, `text`,
`table` and `stub` what people read, `collisions` finds who wrote what collides, `answers` reads what
people did.
"""
