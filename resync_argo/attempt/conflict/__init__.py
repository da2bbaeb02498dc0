"""A conflict that nobody has decided becomes a pull request; what people answer comes back.

In: the record that our `git` left where a step stopped. Out: two branches and a pull request that
shows just the conflict, or the answers of the ones that were merged. `trees` and `contents` make the
commits, `text` and `stub` what people read, `answers` reads what they did.
"""
