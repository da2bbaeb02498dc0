"""Everything around the steps: the wrapper and the `git` in the user's image, and their supervision.

In: a script of the Plan, the Plan's rules, people's answers. Out: plain files in the control
folder, all of them hostile. `control` reads them; `rules` and the other packages check their
contents. The barrier keeps trusted containers out of a step's reach. docs/steps.md explains what
runs in the user's image.
"""
