"""A volume caches fetched objects, so that the next attempt need not fetch them again.

`store` manages the volume: one folder for each pair of repositories, with packs and the commits
that they contain, but no git configuration. `view` fetches into it and from it. Only `checkout`
mounts the volume. Git hashes everything from it again, and an attempt continues without it if
anything is wrong with it.
"""
