import { joinRules } from '../join-interval.ts';
import { maxFetchers, seedShare } from '../swarm.ts';
import { helpers, shared } from './script-parts.ts';
import { maxCopied } from './swarm-copies.ts';

// The registry's operations as scripts of the store: each is one round trip, and whole.

/**
 * KEYS: the swarm's tag. ARGV: now (ms, -1 = the store's), peer id, record from the id on (empty = it
 * has no peers), wanted, seed, by how much intervals are longer than usual. @param peersPerSwarm the most peers of a swarm
 * @returns the script. It gives lines: the interval, 1 when it fetches for its site, how many of the others are LAN, the
 * swarm's version before and after, then a record of each, LAN first; an empty text for a device without peers.
 */
export const joinScript = (peersPerSwarm: number): string => `${shared}
local id, said, wanted = ARGV[2], ARGV[3], tonumber(ARGV[4])
if said == '' then
  remove(id)
  return ''
end
local at = place(said)
local before = redis.call('HGET', M, id)
local lan, wide, fetchers = base .. 'l:' .. at.site, wider(at), base .. 'f:' .. at.site

-- Who was not heard of longest.
local function oldest()
  for _ = 1, 1000 do
    local first = redis.call('ZRANGE', X, 0, 0, 'WITHSCORES')
    local till = tillOf(first[1])
    if not till or till <= tonumber(first[2]) then return first[1] end
    redis.call('ZADD', X, till, first[1])
  end
  return redis.call('ZRANGE', X, 0, 0)[1]
end
if not before and redis.call('HLEN', M) - 2 >= ${peersPerSwarm} then remove(oldest()) end
local others = redis.call('HLEN', M) - (before and 3 or 2)
if others < 0 then
  others = 0
  redis.call('HSET', M, '', now, 'v', 0)
end
local known = redis.call('HMGET', M, '', 'v')
local createdAt, version = tonumber(known[1]), tonumber(known[2])

local interval = ${joinRules.usualInterval}
if not at.seed then
  if now - createdAt < ${joinRules.youngMs} then interval = ${joinRules.youngInterval}
  elseif others + 1 < ${joinRules.smallSwarm} then interval = ${joinRules.smallInterval} end
end
interval = math.floor(interval * ARGV[6])
local prolong, moved = keep(id, said, now + interval * ${joinRules.keepAliveFactor}, before)

local fetches, turns = 1, 0
if at.seed then
  if before then turns = redis.call('SREM', fetchers, id) end
elseif redis.call('SISMEMBER', fetchers, id) == 0 then
  if redis.call('SCARD', fetchers) < ${maxFetchers} then
    turns = redis.call('SADD', fetchers, id)
    prolong = true
  else
    fetches = 0
  end
end
if turns > 0 then changed() end
local after = version + (moved and 1 or 0) + turns

local told, skip, count = {}, { [id] = true }, 0
math.randomseed(tonumber(ARGV[5]))
-- Some of the blocks of four into which the ring of ids falls from a random place on: everybody has the
-- same chance. SRANDMEMBER and ZRANDMEMBER prefer who stands alone in a bucket, and one by one costs four
-- times the calls.
local function sample(key, most, n)
  local blocks, wish = math.ceil(n / 4), math.ceil(most / 4) + 1
  if blocks <= wish then return n > 0 and redis.call('ZRANGE', key, 0, n - 1) or {} end
  local all, taken, turn = {}, {}, math.random(0, n - 1)
  local function take(first, last)
    for _, other in ipairs(redis.call('ZRANGE', key, first, last)) do all[#all + 1] = other end
  end
  for last = blocks - wish, blocks - 1 do
    local block = math.random(0, last)
    if taken[block] then block = last end
    taken[block] = true
    local first, size = (turn + block * 4) % n, math.min(4, n - block * 4)
    take(first, math.min(first + size, n) - 1)
    if first + size > n then take(0, first + size - n - 1) end
  end
  return all
end
local function tellOf(key, most, n, limit)
  local all = sample(key, most, n)
  for i = 1, #all do
    if count == limit then return end
    local j = math.random(i, #all)
    all[i], all[j] = all[j], all[i]
    local other = all[i]
    if not skip[other] then
      count = count + 1
      told[count] = other
      skip[other] = true
    end
  end
end
-- A newcomer hears of some seeds first, see seedsFor.
local seeds = 0
if not before and not at.seed then seeds = math.max(1, math.floor(wanted / ${seedShare})) end
local function tell(key, most)
  local toldBefore = count
  if seeds > 0 then
    local limit = math.min(wanted, count + seeds)
    tellOf(key, seeds + count, redis.call('ZCOUNT', key, -1, -1), limit)
  end
  -- Those may come again.
  if count < wanted then tellOf(key, most + count - toldBefore, redis.call('ZCARD', key), wanted) end
end
if wanted > 0 then tell(lan, wanted + 1) end
local lanTold = count
-- All of the site is told by now when it was fewer than wanted: so many may come again.
if lanTold < wanted and wide then tell(wide, wanted + lanTold + 1) end

if prolong then prolongKeys(at) end
local head = createdAt .. '.'
local lines, records = { interval, fetches, 0, head .. version, head .. after }, count > 0 and redis.call('HMGET', M, unpack(told)) or {}
for i = 1, count do
  -- A store that is full may have given up the one key before the other.
  if records[i] then
    lines[#lines + 1] = records[i]
    if i <= lanTold then lines[3] = lines[3] + 1 end
  end
end
return table.concat(lines, '\\n')
`;

/** KEYS: the tag. ARGV: now, peer id, external address. @returns 1 when it was there, and from there */
export const leaveScript = `${shared}
local record = redis.call('HGET', M, ARGV[2])
if #ARGV[2] < 2 or not record or record:match('^' .. ('[^|]*|'):rep(8) .. '([^|]*)') ~= ARGV[3] then return 0 end
remove(ARGV[2])
return 1
`;

/** KEYS: the tag. ARGV: now. @returns how many peers there are. */
export const countScript = `${shared}
while expire() do end
return math.max(0, redis.call('HLEN', M) - 2)
`;

/**
 * KEYS: the tag of the swarm of each peer. ARGV: now, then of each its id, for how long it is kept, its record
 * (from the id on) where that may be another, and when its swarm was made. @returns the numbers of those that are
 * not there, negative where that swarm is not: the store has lost it, and others may have come again already.
 */
export const renewScript = `${helpers}
local gone = {}
for i = 1, #KEYS do
  open(KEYS[i])
  local id, till, said, madeAt = ARGV[4 * i - 2], now + ARGV[4 * i - 1], ARGV[4 * i], ARGV[4 * i + 1]
  local record = redis.call('HGET', M, id)
  if not record then
    gone[#gone + 1] = redis.call('HGET', M, '') == madeAt and i or -i
  else
    if said == '' then said = record:match('^%d+|%d+|(.*)$') end
    if keep(id, said, till, record) then prolongKeys(place(said)) end
  end
end
return gone
`;

/**
 * KEYS: the tag. ARGV: now, the version of the copy that is there. @returns lines: the version, now, when the swarm
 * came, then of each member its record and whether it fetches for its site, behind a `|`; only the version where it is
 * still the same; an empty text when there are none, or too many.
 */
export const copyScript = `${shared}
local known = redis.call('HMGET', M, '', 'v')
local size = redis.call('HLEN', M) - 2
if size < 1 or size > ${maxCopied} then return '' end
local version = known[1] .. '.' .. known[2]
if version == ARGV[2] then return version end
local all, fetchers = redis.call('HGETALL', M), {}
local lines = { version, now, known[1] }
for i = 1, #all, 2 do
  local id, record = all[i], all[i + 1]
  if #id > 1 then
    local site = record:match('^[^|]*|[^|]*|[^|]*|[^|]*|([^|]*)')
    if not fetchers[site] then
      fetchers[site] = {}
      for _, one in ipairs(redis.call('SMEMBERS', base .. 'f:' .. site)) do fetchers[site][one] = true end
    end
    lines[#lines + 1] = record .. '|' .. (fetchers[site][id] and 1 or 0)
  end
end
return table.concat(lines, '\\n')
`;
