"""A volume keeps what was fetched, so that the next attempt need not fetch it again.

`store` knows the volume: one folder for each pair of repositories, with packs and the commits that they lead to, and
nothing that configures git. `view` fetches into it and from it. Only `checkout` mounts the volume, everything that
comes out of it is hashed again, and an attempt goes on without it when anything is wrong with it.
"""
