import { joinRules } from '../join-interval.ts';
import { maxFetchers, seedShare } from '../swarm.ts';
import { maxCopied } from './swarm-copies.ts';

/**
 * The registry's operations as scripts of the store: each is one round trip, and whole. All keys of a
 * swarm have its tag (`{…}`), so they are on one node of a cluster; names of sites and groups make more
 * keys of the same tag, which a cluster allows.
 *
 * `x` peers by the time they expire · `m` what each said, and under no id when the swarm came · `l:` a
 * site's, `g:` a group's, `i` the Internet's peers that may be told, each with what it said, seeds by the
 * score -1 before the others · `f:` who fetches for a site.
 *
 * A record is `id|scope|site|group|external|local|port|left|restricted|minute`; the minute is when this
 * peer last prolonged its keys: calls are what such a script costs, so it does not at every join.
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

local function fields(record)
  local f = {}
  for part in (record .. '|'):gmatch('([^|]*)|') do f[#f + 1] = part end
  return f
end

-- The key of those beyond its site that a peer may know.
local function wider(f)
  if f[4] ~= '' then return base .. 'g:' .. f[4] end
  return f[2] == '3' and base .. 'i' or nil
end

local function unlist(record, f)
  redis.call('ZREM', base .. 'l:' .. f[3], record)
  local wide = wider(f)
  if wide then redis.call('ZREM', wide, record) end
end

-- What a peer says, with the minute it is kept with, and whether its keys are to be prolonged.
local function dated(id, record, f, before)
  if not before then return record .. '|' .. minute, true end
  local b = fields(before)
  local prolong = minute >= tonumber(b[10]) + 5
  local dated = record .. '|' .. (prolong and minute or b[10])
  if b[2] == f[2] and b[3] == f[3] and b[4] == f[4] and b[9] == f[9] then return dated, prolong end
  redis.call('SREM', base .. 'f:' .. b[3], id)
  return dated, true
end

-- In the place of what the peer said before.
local function list(record, f, before)
  if f[9] ~= '1' then
    local score, wide = f[8] == '0' and -1 or 0, wider(f)
    redis.call('ZADD', base .. 'l:' .. f[3], score, record)
    if wide then redis.call('ZADD', wide, score, record) end
  end
  -- Last: a list that becomes empty loses its time to live.
  if before then unlist(before, fields(before)) end
end

-- Nothing of a swarm that everybody left stays much longer than they would have.
local function prolongKeys(f)
  for _, key in ipairs({ X, M, base .. 'l:' .. f[3], base .. 'f:' .. f[3], wider(f) }) do
    redis.call('PEXPIRE', key, 900000)
  end
end
`;
const shared = `${helpers}
open(KEYS[1])

local function remove(id)
  local record = redis.call('HGET', M, id)
  if not record then return false end
  local f = fields(record)
  unlist(record, f)
  redis.call('SREM', base .. 'f:' .. f[3], id)
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
local id, record, wanted = ARGV[2], ARGV[3], tonumber(ARGV[4])
if record == '' then
  remove(id)
  return ''
end
local f = fields(record)
local known = redis.call('HMGET', M, id, '')
local before, createdAt = known[1], tonumber(known[2] or now)
local lan, wide, fetchers = base .. 'l:' .. f[3], wider(f), base .. 'f:' .. f[3]

-- One of the fields is the time when the swarm came.
if not before and redis.call('HLEN', M) > ${peersPerSwarm} then
  remove(redis.call('ZRANGE', X, 0, 0)[1])
  if redis.call('EXISTS', M) == 0 then createdAt = now end
end
local record, prolong = dated(id, record, f, before)
if before ~= record then
  redis.call('HSET', M, id, record, '', createdAt)
  list(record, f, before)
end

local interval = ${joinRules.usualInterval}
if f[8] ~= '0' then
  if now - createdAt < ${joinRules.youngMs} then interval = ${joinRules.youngInterval}
  elseif redis.call('HLEN', M) - 1 < ${joinRules.smallSwarm} then interval = ${joinRules.smallInterval} end
end
interval = math.floor(interval * ARGV[6])
redis.call('ZADD', X, now + interval * ${joinRules.keepAliveFactor}, id)

local fetches = 1
if f[8] == '0' then
  if before then redis.call('SREM', fetchers, id) end
elseif redis.call('SISMEMBER', fetchers, id) == 0 then
  if redis.call('SCARD', fetchers) < ${maxFetchers} then
    redis.call('SADD', fetchers, id)
    prolong = true
  else
    fetches = 0
  end
end

local told, skip, count = { '', '', '' }, { [id] = true }, 0
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
    local other = all[i]:sub(1, 40)
    if not skip[other] then
      count = count + 1
      told[#told + 1] = all[i]
      skip[other] = true
    end
  end
end
-- A newcomer hears of some seeds first, see seedsFor.
local seeds = 0
if not before and f[8] ~= '0' then seeds = math.max(1, math.floor(wanted / ${seedShare})) end
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

if prolong then prolongKeys(f) end
told[1], told[2], told[3] = interval, fetches, lanTold
return table.concat(told, '\\n')
`;

/** KEYS: the tag. ARGV: now, peer id, external address. @returns 1 when it was there, and from there */
export const leaveScript = `${shared}
local record = redis.call('HGET', M, ARGV[2])
if ARGV[2] == '' or not record or fields(record)[5] ~= ARGV[3] then return 0 end
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
    local f, before = fields(said), redis.call('HGET', M, id)
    local record, prolong = dated(id, said, f, before)
    if before ~= record then
      redis.call('HSET', M, id, record)
      list(record, f, before)
    end
    if prolong then prolongKeys(f) end
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
    local site = record:match('^[^|]*|[^|]*|([^|]*)')
    if not fetchers[site] then
      fetchers[site] = {}
      for _, one in ipairs(redis.call('SMEMBERS', base .. 'f:' .. site)) do fetchers[site][one] = true end
    end
    lines[#lines + 1] = record .. '|' .. expiry[id] .. '|' .. (fetchers[site][id] and 1 or 0)
  end
end
return table.concat(lines, '\\n')
`;
