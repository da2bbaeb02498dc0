"""The image of the Containerfile: what it is made of, and the image itself, built with buildah."""
