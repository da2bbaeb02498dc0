"""An undecided conflict becomes a pull request, and people's answers come back.

In: where a step stopped (`stop`), as `resolve` found it. Out: two branches and a pull request that
shows only the conflict, or the answers of merged ones. `trees` creates the commits; `text`, `table`
and `stub` write what people read. `collisions` finds the authors of colliding lines, and `answers`
reads what people did.
"""
