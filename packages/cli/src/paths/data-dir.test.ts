import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultDataDir } from './data-dir.ts';

const home = () => '/home/u';
const noHome = () => {
  throw new Error('not asked');
};

test('follows the XDG base directories on Linux', () => {
  assert.equal(defaultDataDir('agent', {}, 'linux', home), '/home/u/.local/state/sluice/agent');
  assert.equal(
    defaultDataDir('cloud', { XDG_STATE_HOME: '/s' }, 'linux', noHome),
    '/s/sluice/cloud',
  );
});

test('ignores a relative XDG_STATE_HOME, as the specification says', () => {
  assert.equal(
    defaultDataDir('agent', { XDG_STATE_HOME: 'here' }, 'linux', home),
    '/home/u/.local/state/sluice/agent',
  );
});

test('uses the state folders of macOS and Windows', () => {
  assert.equal(
    defaultDataDir('cache', {}, 'darwin', home),
    '/home/u/Library/Application Support/sluice/cache',
  );
  assert.equal(
    defaultDataDir('agent', { LOCALAPPDATA: 'C:\\L' }, 'win32', noHome),
    'C:\\L\\sluice\\agent',
  );
  assert.equal(
    defaultDataDir('agent', {}, 'win32', () => 'C:\\u'),
    'C:\\u\\AppData\\Local\\sluice\\agent',
  );
});

test('SLUICE_DATA_DIR comes first, with a folder for each role', () => {
  const env = { SLUICE_DATA_DIR: '/d', XDG_STATE_HOME: '/s' };
  assert.equal(defaultDataDir('agent', env, 'linux', noHome), '/d/agent');
  assert.equal(defaultDataDir('cloud', env, 'linux', noHome), '/d/cloud');
});
