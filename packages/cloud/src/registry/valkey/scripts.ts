/**
 * The registry's operations as scripts of the store: each is one round trip, and whole. All keys of a
 * swarm have its tag (`{…}`), so they are on one node of a cluster; names of sites and groups make more
 * keys of the same tag, which a cluster allows.
 *
 * `x` peers by the time they expire · `o` peers by the order of their joins · `m` what each said ·
 * `c` when the swarm came · `l:` a site's, `g:` a group's, `i` the Internet's peers that may be told ·
 * `f:` who fetches for a site.
 */
const shared = `
local base = KEYS[1]
local now = tonumber(ARGV[1])
if now < 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local X, O, M = base .. 'x', base .. 'o', base .. 'm'

-- A record: scope | site | group | external | local | port | left | restricted
local function fields(record)
  local f = {}
  for part in (record .. '|'):gmatch('([^|]*)|') do f[#f + 1] = part end
  return f
end

local function unlist(id, f)
  redis.call('SREM', base .. 'f:' .. f[2], id)
  redis.call('ZREM', base .. 'l:' .. f[2], id)
  if f[3] ~= '' then redis.call('ZREM', base .. 'g:' .. f[3], id) end
  if f[1] == '3' then redis.call('ZREM', base .. 'i', id) end
end

local function remove(id)
  local record = redis.call('HGET', M, id)
  if not record then return false end
  unlist(id, fields(record))
  redis.call('HDEL', M, id)
  redis.call('ZREM', X, id)
  redis.call('ZREM', O, id)
  if redis.call('HLEN', M) == 0 then redis.call('DEL', base .. 'c') end
  return true
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', X, '-inf', '(' .. now, 'LIMIT', 0, 1000)) do remove(id) end
`;

/**
 * KEYS: the swarm's tag. ARGV: now (ms, -1 = the store's), peer id, record (empty = it has no peers),
 * wanted, most peers, most fetchers, young ms, small swarm, intervals: young, small, usual, keep-alive
 * factor, seed. @returns interval, 1 when it fetches for its site, how many of the others are LAN, then
 * an id and a record of each, LAN first; nothing for a device without peers.
 */
export const joinScript = `${shared}
local id, record, wanted = ARGV[2], ARGV[3], tonumber(ARGV[4])
if record == '' then
  remove(id)
  return {}
end
local f = fields(record)
local before = redis.call('HGET', M, id)
if not before then
  if redis.call('HLEN', M) >= tonumber(ARGV[5]) then remove(redis.call('ZRANGE', O, 0, 0)[1]) end
  -- After that: who made room may have been the last, and taken it along.
  redis.call('SET', base .. 'c', now, 'NX')
elseif before ~= record then
  local b = fields(before)
  if b[1] ~= f[1] or b[2] ~= f[2] or b[3] ~= f[3] or b[8] ~= f[8] then unlist(id, b) end
end
redis.call('HSET', M, id, record)
local site, group = f[2], f[3]
local lan, wide, fetchers = base .. 'l:' .. site, nil, base .. 'f:' .. site
if group ~= '' then wide = base .. 'g:' .. group elseif f[1] == '3' then wide = base .. 'i' end
if f[8] ~= '1' then
  redis.call('ZADD', lan, 0, id)
  if wide then redis.call('ZADD', wide, 0, id) end
end

local createdAt = tonumber(redis.call('GET', base .. 'c'))
local interval = tonumber(ARGV[11])
if f[7] ~= '0' then
  if now - createdAt < tonumber(ARGV[7]) then interval = tonumber(ARGV[9])
  elseif redis.call('HLEN', M) < tonumber(ARGV[8]) then interval = tonumber(ARGV[10]) end
end
local keep = interval * tonumber(ARGV[12])
redis.call('ZADD', X, now + keep, id)
redis.call('ZADD', O, redis.call('INCR', base .. 'n'), id)

local told, skip = {}, { [id] = true }
math.randomseed(tonumber(ARGV[13]))
-- By rank: SRANDMEMBER and ZRANDMEMBER prefer who stands alone in a bucket.
local function sample(key, most)
  local n = redis.call('ZCARD', key)
  if n <= most then return redis.call('ZRANGE', key, 0, -1) end
  local ids, taken = {}, {}
  for last = n - most, n - 1 do
    local rank = math.random(0, last)
    if taken[rank] then rank = last end
    taken[rank] = true
    ids[#ids + 1] = redis.call('ZRANGE', key, rank, rank)[1]
  end
  return ids
end
local function tell(key, most)
  local ids = sample(key, most)
  for i = 1, #ids do
    if #told == wanted then return end
    -- Which were picked is chance, in which order is not.
    local j = math.random(i, #ids)
    ids[i], ids[j] = ids[j], ids[i]
    if not skip[ids[i]] then
      told[#told + 1] = ids[i]
      skip[ids[i]] = true
    end
  end
end
if wanted > 0 then tell(lan, wanted + 1) end
local lanTold = #told
-- All of the site is told by now when it was fewer than wanted: so many may come again.
if lanTold < wanted and wide then tell(wide, wanted + lanTold + 1) end

local fetches = 1
if f[7] == '0' then redis.call('SREM', fetchers, id)
elseif redis.call('SISMEMBER', fetchers, id) == 0 then
  if redis.call('SCARD', fetchers) < tonumber(ARGV[6]) then redis.call('SADD', fetchers, id) else fetches = 0 end
end

-- Nothing of a swarm that everybody left stays longer than its last member would have.
local ttl = math.max(keep, tonumber(ARGV[11]) * tonumber(ARGV[12])) + 1000
for _, key in ipairs({ X, O, M, base .. 'c', base .. 'n', base .. 'i', lan, fetchers }) do redis.call('PEXPIRE', key, ttl) end
if wide then redis.call('PEXPIRE', wide, ttl) end

local reply = { interval, fetches, lanTold }
if #told > 0 then
  local records = redis.call('HMGET', M, unpack(told))
  for i, other in ipairs(told) do
    reply[#reply + 1] = other
    reply[#reply + 1] = records[i]
  end
end
return reply
`;

/** KEYS: the tag. ARGV: now, peer id, external address. @returns 1 when it was there, and from there */
export const leaveScript = `${shared}
local record = redis.call('HGET', M, ARGV[2])
if not record or fields(record)[4] ~= ARGV[3] then return 0 end
remove(ARGV[2])
return 1
`;
