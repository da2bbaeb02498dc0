-- The health of a Plan. Argo CD's Lua has no `string` and no `math`.
local found = {}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    found[condition.type] = condition
  end
end

local function health(status, condition, otherwise)
  local message = otherwise or ""
  if condition ~= nil and condition.message ~= nil then
    message = condition.message
  end
  return {status = status, message = message}
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", nil, "The controller has not looked at it yet.")
end
if found.Stalled ~= nil then
  return health("Degraded", found.Stalled)
end
if found.Reconciling ~= nil then
  return health("Progressing", found.Reconciling)
end
if obj.spec.suspend then
  return health("Suspended", found.Ready)
end
return health("Healthy", found.Ready)
