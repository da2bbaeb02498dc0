"""A cluster as the page for people shows it, and the browser that looks at the page."""
