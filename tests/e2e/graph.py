"""An attempt's containers in the order of the edges in Argo's graph."""

from tests.world.world import Manifest


def graph_of(workflow: Manifest) -> dict[str, Manifest]:
    """Return the nodes of the first attempt's containers by name, in the order of the edges.

    Raises:
        AssertionError: a node has not exactly one edge to the next.
    """
    nodes = workflow["status"]["nodes"]
    pods = (it for it in nodes.values() if it["type"] == "Pod")
    node = min(pods, key=lambda it: len(it["name"]))
    found: dict[str, Manifest] = {}
    while node.get("displayName") != "main":
        (child,) = node["children"]
        node = nodes[child]
        found[node["displayName"]] = node
    return found
