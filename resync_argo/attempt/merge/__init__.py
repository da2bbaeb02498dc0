"""Git's own merge, repeated in the trusted clone, and what it says about conflicts.

`bench` is a place for it with the attributes of one side in effect, `raw` runs git and reads its
structured messages, `repeat` does so where `git merge-tree` knows no strategy options, `logical` turns
stages and messages into what people decide, `three_way` merges single files, `patch` finds what a patch
merges, `marked` gives marker lines our labels. What a step did is only where to look; nothing here is read from its clone.
"""
