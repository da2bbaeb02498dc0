"""The trusted clone, with objects from outside and from the steps' clone.

In: repositories, and commits that the steps made. Out: objects in a bare repository that only trusted
containers mount. No configuration, hook or link of the steps' clone has an effect here.
"""
