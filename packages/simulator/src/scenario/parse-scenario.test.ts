import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { parseScenario } from './parse-scenario.ts';

const good = {
  name: 'small',
  content: { pieces: 8 },
  source: { mbit: 100 },
  sites: [{ name: 'office', count: 2 }],
  devices: [{ site: 'office', count: 3, downMbit: 100, upMbit: 100 }],
};

test('a scenario is taken as it is', () => {
  assert.deepEqual(parseScenario(JSON.stringify(good), 'small.json'), good);
});

test('a name that only looks like one of several sites is fine', () => {
  for (const name of ['office-0', 'office-3', 'office-02', 'office-', 'offices-1']) {
    const sites = [...good.sites, { name }];
    assert.doesNotThrow(() => parseScenario(JSON.stringify({ ...good, sites }), 'x.json'), name);
  }
});

for (const [what, change, says] of [
  ['no JSON', undefined, /^scenario bad\.json: .*JSON/],
  ['a wrong rate', { source: { mbit: 0 } }, /\/source\/mbit must be > 0/],
  ['a rate as text', { source: { mbit: '5Mbit/s' } }, /\/source\/mbit must be number/],
  ['a name that nobody knows', { source: { mbit: 1, speed: 2 } }, /\/source\/speed is no property/],
  ['no devices', { devices: [] }, /\/devices/],
  [
    'an unknown site',
    { devices: [{ site: 'x', downMbit: 1, upMbit: 1 }] },
    /\/devices\/0\/site: there is no site x/,
  ],
  [
    'two sites of one name',
    { sites: [{ name: 'a' }, { name: 'a' }] },
    /\/sites: two have the same name/,
  ],
  [
    'a site named as the second of another',
    { sites: [...good.sites, { name: 'office-2' }] },
    /\/sites\/1\/name: office-2 is what number 2 of office is called/,
  ],
  [
    'a group in another mode',
    { devices: [{ site: 'office', downMbit: 1, upMbit: 1, group: 'g' }] },
    /only mode Group/,
  ],
  [
    'an outage that ends before it begins',
    { cloud: { down: [{ from: 5, to: 4 }] } },
    /\/cloud\/down\/0: ends before/,
  ],
  [
    'a name with control characters',
    { sites: [{ name: '\u001b[2J' }] },
    /\/sites\/0\/name must match/,
  ],
  [
    'more sites than devices may be',
    { sites: [{ name: 'office' }, { name: 'idle', count: 20_000 }] },
    /20001 sites, more than/,
  ],
  [
    'too many devices',
    { devices: [{ site: 'office', count: 20_000, downMbit: 1, upMbit: 1 }] },
    /40000 devices, more than/,
  ],
] as const) {
  test(`${what} is refused, and the error says where`, () => {
    const text = change === undefined ? '{' : JSON.stringify({ ...good, ...change });
    assert.throws(
      () => parseScenario(text, 'bad.json'),
      (error) => isSluiceError(error, 'ScenarioInvalid') && says.test(error.message),
    );
  });
}
