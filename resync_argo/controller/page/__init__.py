"""The state of everything for people: a page, JSON, Markdown, a feed.

In: the caches. `library` reads only what is shown. `people`, `matrix` and `past` turn objects into
facts, `views` gathers the facts of a page, and `render` formats them. The controller serves it, and
`resync-argo status` prints it. It only shows statuses and decides nothing itself.
"""
