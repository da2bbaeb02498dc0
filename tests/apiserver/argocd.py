"""Runs the scripts of `manifests/argocd` as Argo CD does: in a real Lua 5.1, with as few libraries.

Source: Argo CD's `util/lua/lua.go`: scripts have only the libraries base, package, table and a safe
os, and an action's answer becomes a merge patch.
"""

import copy
from dataclasses import dataclass
from typing import Any

import yaml
from lupa import lua51

from tests.cluster.kubectl import Kubectl
from tests.world.world import ROOT

PREFIX = "resource.customizations"
_BARE = """
debug.getmetatable("").__index = nil
for _, name in ipairs({"string", "math", "io", "debug", "os", "package", "require", "dofile", "loadfile"}) do
  _G[name] = nil
end
"""

Json = dict[str, Any]


@dataclass(frozen=True)
class ArgoCD:
    """The scripts of its ConfigMap for our kinds."""

    data: dict[str, str]

    @classmethod
    def configured(cls, kubectl: Kubectl) -> "ArgoCD":
        """Return it with the ConfigMap of `kubectl apply -k manifests/argocd`."""
        rendered = kubectl.run("kustomize", ROOT / "manifests" / "argocd")
        return cls(yaml.safe_load(rendered)["data"])

    def health(self, item: Json) -> str:
        """Return an object's health and message."""
        script = self.data[f"{PREFIX}.health.resync.openshift.io_{item['kind']}"]
        found = _run(script, item)
        return f"{found['status']}: {found['message']}"

    def enabled(self, item: Json) -> list[str]:
        """Return the actions that a person may choose."""
        found = _run(self._actions(item)["discovery.lua"], item)
        return sorted(name for name, it in found.items() if not it["disabled"])

    def patch(self, item: Json, action: str) -> Json:
        """Return an action's merge patch."""
        scripts = {it["name"]: it["action.lua"] for it in self._actions(item)["definitions"]}
        return _difference(item, _run(scripts[action], item))

    def _actions(self, item: Json) -> Json:
        text = self.data[f"{PREFIX}.actions.resync.openshift.io_{item['kind']}"]
        actions: Json = yaml.safe_load(text)
        return actions


def _run(script: str, item: Json) -> Json:
    lua = lua51.LuaRuntime(register_eval=False, register_builtins=False)
    to_table = lua.eval("function() return {} end")
    lua.execute(_BARE)
    answer = lua.eval(f"function(obj)\n{script}\nend")(_to_lua(copy.deepcopy(item), to_table))
    found: Json = _from_lua(answer)
    return found


def _to_lua(value: Any, table: Any) -> Any:
    if not isinstance(value, dict | list):
        return value
    made = table()
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value, start=1):
        made[key] = _to_lua(inner, table)
    return made


def _from_lua(value: Any) -> Any:
    if lua51.lua_type(value) != "table":
        return int(value) if isinstance(value, float) and value.is_integer() else value
    found = {key: _from_lua(inner) for key, inner in value.items()}
    is_list = bool(found) and set(found) == set(range(1, len(found) + 1))
    return list(found.values()) if is_list else found


def _difference(old: Json, new: Json) -> Json:
    """Return the JSON merge patch (RFC 7386) between two objects."""
    patch: Json = {name: None for name in old if name not in new and old[name] not in ({}, [])}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := _difference(before, value):
                patch[name] = inner
        elif before != value and (before or value):
            patch[name] = value
    return patch
