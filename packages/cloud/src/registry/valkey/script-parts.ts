/**
 * What the scripts have in common, and how a swarm is kept in the store. All keys of a
 * swarm have its tag (`{…}`), so they are on one node of a cluster; names of sites and groups make more
 * keys of the same tag, which a cluster allows.
 *
 * `m` what each said, under no id when the swarm came, and under `v` a number that grows whenever somebody comes,
 * goes or moves · `x` peers by a time before which they do not expire · `l:` a site's, `g:` a group's, `i` the
 * Internet's peers that may be told, seeds by the score -1 before the others · `f:` who fetches for a site.
 *
 * A record is `till|minute|id|scope|site|group|restricted|seed|external|local|port|left`. What is from the scope to the
 * seed says in which lists a peer is: most that it says later changes nothing there. It expires after `till`: who joins
 * again is not moved in `x`, an ordered set, which costs more than all else, but when its time there is over. The minute
 * is when this peer last prolonged its keys: calls are what such a script costs, and patterns that are sought, so
 * nothing is sought at the end.
 */
const time = `
local now = tonumber(ARGV[1])
if now < 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
`;
/** What works on one swarm after another, each by `open`. */
export const helpers = `${time}
local minute = math.floor(now / 60000)
local base, X, M

-- Which swarm the functions below are about.
local function open(tag)
  base, X, M = tag, tag .. 'x', tag .. 'm'
end

-- When a record ends, its minute, and the rest, which is what the peer said.
local function parts(record)
  local till, dated, said = record:match('^(%d+)|(%d+)|(.*)$')
  return tonumber(till), tonumber(dated), said
end

-- Somebody came, went or moved: copies that were made before are not the same.
local function changed() redis.call('HINCRBY', M, 'v', 1) end

-- Where a peer is, by what it said.
local function placeText(said) return said:match('^[^|]*|([^|]*|[^|]*|[^|]*|[^|]*|[^|]*)|') end
local function place(said)
  local scope, site, group, restricted, seed = said:match('^[^|]*|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|')
  return { scope = scope, site = site, group = group, restricted = restricted == '1', seed = seed == '1' }
end

-- The key of those beyond its site that a peer may know.
local function wider(at)
  if at.group ~= '' then return base .. 'g:' .. at.group end
  return at.scope == '3' and base .. 'i' or nil
end

-- The keys of its lists.
local function lists(at)
  if at.restricted then return {} end
  return { base .. 'l:' .. at.site, wider(at) }
end

-- Keeps what a peer says, in the place of what it said before. Returns whether its keys are to be prolonged, and
-- whether it is somewhere else than before.
local function keep(id, said, till, before)
  local tillBefore, dated, saidBefore
  if before then tillBefore, dated, saidBefore = parts(before) end
  local moves = not before or placeText(saidBefore) ~= placeText(said)
  local prolong = moves or minute >= dated + 5
  redis.call('HSET', M, id, till .. '|' .. (prolong and minute or dated) .. '|' .. said)
  if prolong or till < tillBefore then redis.call('ZADD', X, till, id) end
  if not moves then return prolong, false end
  changed()
  local at, stays = place(said), {}
  for _, key in ipairs(lists(at)) do
    redis.call('ZADD', key, at.seed and -1 or 0, id)
    stays[key] = true
  end
  if before then
    local was = place(saidBefore)
    redis.call('SREM', base .. 'f:' .. was.site, id)
    -- Last: a list that becomes empty loses its time to live.
    for _, key in ipairs(lists(was)) do
      if not stays[key] then redis.call('ZREM', key, id) end
    end
  end
  return true, true
end

-- Nothing of a swarm that everybody left stays much longer than they would have.
local function prolongKeys(at)
  for _, key in ipairs({ X, M, base .. 'l:' .. at.site, base .. 'f:' .. at.site, wider(at) }) do
    redis.call('PEXPIRE', key, 900000)
  end
end
`;
/** The start of a script on one swarm: who is late is removed. */
export const shared = `${helpers}
open(KEYS[1])

local function remove(id)
  redis.call('ZREM', X, id)
  local record = redis.call('HGET', M, id)
  if not record then return end
  local _, _, said = parts(record)
  local at = place(said)
  for _, key in ipairs(lists(at)) do redis.call('ZREM', key, id) end
  redis.call('SREM', base .. 'f:' .. at.site, id)
  redis.call('HDEL', M, id)
  -- Two of the fields are no peers.
  if redis.call('HLEN', M) == 2 then redis.call('DEL', M) else changed() end
end

-- When a peer really expires; nothing where it is not there.
local function tillOf(id)
  local record = redis.call('HGET', M, id)
  return record and parts(record)
end

-- Removes those whose time is over. Returns whether there may be more.
local function expire()
  local late = redis.call('ZRANGEBYSCORE', X, '-inf', '(' .. now, 'LIMIT', 0, 1000)
  for _, id in ipairs(late) do
    local till = tillOf(id)
    if till and till >= now then redis.call('ZADD', X, till, id) else remove(id) end
  end
  return #late == 1000
end
expire()
`;
