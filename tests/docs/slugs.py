"""Names the anchors of headings as forges do, so that one link serves both a forge and the site."""

import re


def slug(title: str, separator: str = "-") -> str:
    """Return the anchor of a heading, such as `lint-plan` for *lint PLAN...*.

    Args:
        title: the heading's text, without markup.
        separator: what stands for a space.
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", separator)
