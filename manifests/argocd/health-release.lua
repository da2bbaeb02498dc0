-- The health of a Sync, and of a Tag, which repeats its newest Sync's. What waits for people, with a conflict
-- or an open pull request, is Suspended: Argo CD's word for "waits for an external event".
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
  return health("Progressing", nil, "It waits for its turn, or no Plan wants it.")
end
if found.Stalled ~= nil then
  return health("Degraded", found.Stalled)
end
if found.Reconciling ~= nil then
  local phase = obj.status.phase
  local waits = phase == "Conflict" or phase == "Finished"
  return health(waits and "Suspended" or "Progressing", found.Reconciling)
end
return health("Healthy", found.Succeeded)
