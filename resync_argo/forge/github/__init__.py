"""GitHub and GitHub Enterprise Server as a forge: credentials in, `Forge` out.

`forge` implements the protocol, `client` makes its calls one at a time, and `requester` sends them.
`tokens` mints an App's tokens, `answers` parses responses, and `errors` describes failures.
"""
