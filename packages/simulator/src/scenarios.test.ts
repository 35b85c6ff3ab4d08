/** The scenarios of the library, each with several seeds, held to the limits they state. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseScenario } from './scenario/parse-scenario.ts';
import { simulate } from './simulate.ts';

const folder = new URL('../scenarios/', import.meta.url);
const seeds = [1, 2];
/** A fleet of so many devices takes as long as all smaller ones of a kind: one seed. */
const largeFleet = 40;

function scenariosOf(place: URL) {
  return readdirSync(place)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      file,
      scenario: parseScenario(readFileSync(new URL(file, place), 'utf8'), file),
    }));
}

const library = scenariosOf(folder);

test('there are many, each named as its file and with limits', () => {
  assert.ok(library.length >= 40, `${library.length}`);
  for (const { file, scenario } of [...library, ...scenariosOf(new URL('full/', folder))]) {
    assert.equal(`${scenario.name}.json`, file);
    assert.ok(Object.keys(scenario.expect ?? {}).length > 0, file);
    assert.ok(scenario.description, file);
  }
});

for (const { scenario } of library) {
  test(`${scenario.name}: ${scenario.description}`, async () => {
    for (const seed of seeds) {
      const { verdicts, report } = await simulate(scenario, { seed });
      const missed = verdicts.filter((v) => !v.isMet);
      assert.deepEqual(missed, [], `seed ${seed}`);
      if (report.devices >= largeFleet) break;
    }
  });
}
