"""All reasons that conditions and reports give, each with its kind and its explanation.

In: nothing; these are constants, in a module for each source (`plan`, `cluster`, `turn`, `sync`,
`parameters`, `refresh`, `attempt`, `forge`, `chat`). Out: the constants, and all of them by word in
`catalogue`. docs/conditions.md is generated from them (`make docs`). To add a reason, add a constant
here and use it; tests fail on one without the other.
"""
