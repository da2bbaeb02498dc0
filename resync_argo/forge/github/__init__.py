"""GitHub and GitHub Enterprise Server as a forge: credentials in, `Forge` out.

`forge` implements the protocol, `client` makes its calls one after the other, `requester` sends them,
`tokens` mints an App's tokens, `answers` reads what comes back and `errors` says what went wrong.
"""
