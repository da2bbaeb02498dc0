"""Where everything stands, as people read it: a page, JSON, Markdown, a feed.

In: the caches. `library` reads no more of them than is shown, `people`, `matrix` and `past` turn objects into
facts, `views` gathers the facts of a page, `render` writes them down. The controller serves it, and
`resync-argo status` prints it. All of it says what statuses say, and decides nothing itself.
"""
