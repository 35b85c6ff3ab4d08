import { joinRules } from '../join-interval.ts';
import { maxFetchers, seedShare } from '../swarm.ts';
import { maxCopied } from './swarm-copies.ts';

/**
 * The registry's operations as scripts of the store: each is one round trip, and whole. All keys of a
 * swarm have its tag (`{…}`), so they are on one node of a cluster; names of sites and groups make more
 * keys of the same tag, which a cluster allows.
 *
 * `x` peers by the time they expire · `m` what each said, and under no id when the swarm came · `l:` a
 * site's, `g:` a group's, `i` the Internet's peers that may be told, seeds by the score -1 before the
 * others · `f:` who fetches for a site.
 *
 * A record is `minute|id|scope|site|group|restricted|seed|external|local|port|left`. What is up to the seed says
 * in which lists a peer is: most that it says later changes nothing there. The minute is when this peer last prolonged
 * its keys: calls are what such a script costs, and patterns that are sought, so nothing is sought at the end.
 */
const time = `
local now = tonumber(ARGV[1])
if now < 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
`;
const helpers = `${time}
local minute = math.floor(now / 60000)
local base, X, M

-- Which swarm the functions below are about.
local function open(tag)
  base, X, M = tag, tag .. 'x', tag .. 'm'
end

-- A record's minute, and the rest, which is what the peer said.
local function undated(record) return record:match('^(%d+)|(.*)$') end

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

-- Keeps what a peer says, in the place of what it said before. Returns whether its keys are to be prolonged.
local function keep(id, said, before, ...)
  local dated, saidBefore
  if before then dated, saidBefore = undated(before) end
  local moves = not before or placeText(saidBefore) ~= placeText(said)
  local prolong = moves or minute >= tonumber(dated) + 5
  if prolong or said ~= saidBefore then
    redis.call('HSET', M, id, (prolong and minute or dated) .. '|' .. said, ...)
  end
  if not moves then return prolong end
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
  return true
end

-- Nothing of a swarm that everybody left stays much longer than they would have.
local function prolongKeys(at)
  for _, key in ipairs({ X, M, base .. 'l:' .. at.site, base .. 'f:' .. at.site, wider(at) }) do
    redis.call('PEXPIRE', key, 900000)
  end
end
`;
const shared = `${helpers}
open(KEYS[1])

local function remove(id)
  local record = redis.call('HGET', M, id)
  if not record then return false end
  local _, said = undated(record)
  local at = place(said)
  for _, key in ipairs(lists(at)) do redis.call('ZREM', key, id) end
  redis.call('SREM', base .. 'f:' .. at.site, id)
  redis.call('HDEL', M, id)
  redis.call('ZREM', X, id)
  if redis.call('HLEN', M) == 1 then redis.call('DEL', M) end
  return true
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', X, '-inf', '(' .. now, 'LIMIT', 0, 1000)) do remove(id) end
`;

/**
 * KEYS: the swarm's tag. ARGV: now (ms, -1 = the store's), peer id, record without its minute (empty = it
 * has no peers), wanted, seed, by how much intervals are longer than usual. @param peersPerSwarm the most peers of a swarm @returns the script. It gives lines: the interval, 1 when it fetches for its site, how many of the
 * others are LAN, then a record of each, LAN first; an empty text for a device without peers.
 */
export const joinScript = (peersPerSwarm: number): string => `${shared}
local id, said, wanted = ARGV[2], ARGV[3], tonumber(ARGV[4])
if said == '' then
  remove(id)
  return ''
end
local at = place(said)
local known = redis.call('HMGET', M, id, '')
local before, createdAt = known[1], tonumber(known[2] or now)
local lan, wide, fetchers = base .. 'l:' .. at.site, wider(at), base .. 'f:' .. at.site

-- One of the fields is the time when the swarm came.
if not before and redis.call('HLEN', M) > ${peersPerSwarm} then
  remove(redis.call('ZRANGE', X, 0, 0)[1])
  if redis.call('EXISTS', M) == 0 then createdAt = now end
end
local prolong = keep(id, said, before, '', createdAt)

local interval = ${joinRules.usualInterval}
if not at.seed then
  if now - createdAt < ${joinRules.youngMs} then interval = ${joinRules.youngInterval}
  elseif redis.call('HLEN', M) - 1 < ${joinRules.smallSwarm} then interval = ${joinRules.smallInterval} end
end
interval = math.floor(interval * ARGV[6])
redis.call('ZADD', X, now + interval * ${joinRules.keepAliveFactor}, id)

local fetches = 1
if at.seed then
  if before then redis.call('SREM', fetchers, id) end
elseif redis.call('SISMEMBER', fetchers, id) == 0 then
  if redis.call('SCARD', fetchers) < ${maxFetchers} then
    redis.call('SADD', fetchers, id)
    prolong = true
  else
    fetches = 0
  end
end

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
local lines, records = { interval, fetches, 0 }, count > 0 and redis.call('HMGET', M, unpack(told)) or {}
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
if ARGV[2] == '' or not record or record:match('^' .. ('[^|]*|'):rep(7) .. '([^|]*)') ~= ARGV[3] then return 0 end
remove(ARGV[2])
return 1
`;

/**
 * KEYS: the tag of the swarm of each peer. ARGV: now, then of each its id, for how long it is kept, and its record
 * (without its minute) where that may have to be written. @returns the numbers of those that are not there, negative
 * where nobody of the swarm is.
 */
export const renewScript = `${helpers}
local gone = {}
for i = 1, #KEYS do
  open(KEYS[i])
  local id, till, said = ARGV[3 * i - 1], now + ARGV[3 * i], ARGV[3 * i + 1]
  -- None is changed when it is gone, or when its time is the very same.
  if redis.call('ZADD', X, 'XX', 'CH', till, id) == 0 and not redis.call('ZSCORE', X, id) then
    gone[#gone + 1] = redis.call('EXISTS', X) == 1 and i or -i
  elseif said ~= '' then
    if keep(id, said, redis.call('HGET', M, id)) then prolongKeys(place(said)) end
  end
end
return gone
`;

/**
 * KEYS: the tag. ARGV: now. @returns lines: now, when the swarm came, then of each member its record, when it
 * expires and whether it fetches for its site, behind a `|`; an empty text when there are none, or too many.
 */
export const copyScript = `${shared}
local size = redis.call('HLEN', M) - 1
if size < 1 or size > ${maxCopied} then return '' end
local all, expiry, fetchers = redis.call('HGETALL', M), {}, {}
local scores = redis.call('ZRANGE', X, 0, -1, 'WITHSCORES')
for i = 1, #scores, 2 do expiry[scores[i]] = scores[i + 1] end
local lines = { now, now }
for i = 1, #all, 2 do
  local id, record = all[i], all[i + 1]
  if id == '' then
    lines[2] = record
  elseif expiry[id] then
    local site = record:match('^[^|]*|[^|]*|[^|]*|([^|]*)')
    if not fetchers[site] then
      fetchers[site] = {}
      for _, one in ipairs(redis.call('SMEMBERS', base .. 'f:' .. site)) do fetchers[site][one] = true end
    end
    lines[#lines + 1] = record .. '|' .. expiry[id] .. '|' .. (fetchers[site][id] and 1 or 0)
  end
end
return table.concat(lines, '\\n')
`;
