import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { command, launcher, runCli } from './run-cli.test-support.ts';

/** Wrong command lines, and what the message must name. */
const wrong: [args: string, names: RegExp, env?: Record<string, string>][] = [
  ['gte', /unknown command 'gte' \(Did you mean get\?\)/],
  ['get', /missing required argument 'url'/],
  ['get http://h/a http://h/b', /too many arguments/],
  ['get ftp://h/a', /'url'.*http:\/\/|'ftp:\/\/h\/a'.*'url'/],
  ['get notaurl', /'notaurl'.*'url'/],
  ['get http://h/a --mod 3', /'--mod' \(Did you mean --mode\?\)/],
  ['get http://h/a --mode 100', /--mode.*'100'.*0, 1, 2, 3, 99/],
  ['get http://h/a --mode 2', /--mode 2.*--group-id/],
  [
    'get http://h/a --mode 1 --group-id 00000000-0000-0000-0000-000000000001',
    /--group-id.*--mode 2/,
  ],
  ['get http://h/a --group-id 12', /--group-id.*'12'.*GUID/],
  ['get http://h/a --cloud localhost:8080', /--cloud.*'localhost:8080'.*http/],
  ['get http://h/a --cloud http://h/?a=1', /--cloud.*base URL/],
  ['get http://h/a', /--cloud.*'nope'.*SLUICE_CLOUD/, { SLUICE_CLOUD: 'nope' }],
  ['get http://h/a --cache-host http://c', /--cache-host.*'http:\/\/c'/],
  ['get http://h/a --cache-host a:0', /--cache-host.*'a:0'/],
  ['get http://h/a', /--cache-host.*'a,,b'.*SLUICE_CACHE_HOST/, { SLUICE_CACHE_HOST: 'a,,b' }],
  ['get http://h/a --hash-of-hashes abc', /--hash-of-hashes.*'abc'.*base64/],
  ['get http://h/a --phf file:///etc/passwd', /--phf.*'file:/],
  ['get http://h/a --sha256 12ab', /--sha256.*'12ab'.*64 hex/],
  ['get http://h/a --peer-port 65536', /--peer-port.*'65536'.*65535/],
  ['get http://h/a --peer-port -1', /--peer-port/],
  ['get http://h/a --restrict-peer-selection-by 2', /--restrict-peer-selection-by.*'2'.*subnet/],
  ['get http://h/a --seed-for 1.5', /--seed-for.*'1\.5'.*whole number/],
  ['get http://h/a -o -', /-o -.*standard output/],
  ['get http://h/a -o /dev/null', /-o: \/dev\/null is not a regular file/],
  ['get http://h/a --log-level loud', /--log-level.*'loud'/],
  ['phf create', /'file'/],
  ['phf create a --piece-size 12x', /--piece-size.*'12x'.*64MiB/],
  ['phf create a --piece-size 1k', /--piece-size.*'1k'.*16KiB to 64MiB/],
  ['phf verify a', /'phf'/],
  ['phf verify a b --hash-of-hashes ?', /--hash-of-hashes.*'\?'/],
  ['publish a --cloud http://127.0.0.1:1', /--url/],
  ['publish a --url http://h/a', /--cloud/],
  ['publish a b --url http://h/a --cloud http://h', /--url.*one file.*--url-base/],
  ['publish a --url http://h/a --url-base http://h --cloud http://h', /--url.*--url-base/],
  ['publish a --etag x --url-base http://h --cloud http://h', /--etag.*--url-base/],
  ['publish a --url x --cloud http://h', /--url.*'x'/],
  ['publish a --url http://h/a --cloud http://h', /--token-file.*SLUICE_ADMIN_TOKEN/],
  ['cloud --oidc-client-id x', /--oidc-issuer.*needed/],
  ['cloud --oidc-issuer https://h', /--oidc-client-id.*needed/],
  ['cloud --oidc-role x=root', /--oidc-role.*'x=root'.*VALUE=owner/],
  ['cloud user add A --role owner --cloud http://h', /'A'.*'name'.*small letters/],
  ['cloud user add a --cloud http://h', /--role/],
  ['cloud user add a --role root --cloud http://h', /--role.*'root'.*viewer, operator, owner/],
  ['cloud user add a --role owner --cloud http://h', /--password-file.*no terminal/],
  ['cloud user set a --cloud http://h', /--role, --password/],
  ['cloud user set a --enable --disable --cloud http://h', /--enable.*--disable/],
  ['cloud token create a --role viewer --expires 5y --cloud http://h', /--expires.*'5y'.*90d/],
  ['cloud audit --verify x --cloud http://h', /--verify.*'x'.*SEQ:HASH/],
  ['cloud audit --verify --user a --cloud http://h', /--verify.*--user/],
  ['cloud --listen 8080', /--listen.*'8080'.*HOST:PORT/],
  ['cloud --listen ::1', /--listen.*'::1'.*HOST:PORT/],
  ['cloud --listen 127.0.0.1:99999', /--listen.*'127\.0\.0\.1:99999'/],
  ['cache-node', /--allow/],
  ['cache-node --allow a --cache-size 1MB', /--cache-size.*'1MB'.*at least 64MiB/],
  ['cache-node --allow a/b', /--allow.*'a\/b'/],
  ['cache-node --allow a --upstream http://b', /--upstream.*'http:\/\/b'/],
  ['cache-node --allow a --access-log-format xml', /--access-log-format.*'xml'.*combined/],
  ['cache-node --allow a --registration-key-file f', /--registration-key-file.*--cloud/],
  ['cache-node preheat ftp://h/a', /'ftp:\/\/h\/a'.*http/],
  ['cache-node preheat', /--from/],
  ['cache-node preheat http://h/a --rate x', /--rate.*'x'/],
  ['cache-node dhcp', /--host/],
  ['cache-node dhcp --host a --format x', /--format.*'x'.*dnsmasq, isc, kea, windows/],
  ['cloud-cache-node list', /--cloud/],
  ['cloud-cache-node create a.b --cloud http://h', /'name'.*'a\.b'|'a\.b'.*'name'/],
  ['cloud-cache-node create a --drive /x --cloud http://h', /--drive.*'\/x'.*PATH,GB/],
  ['cloud-cache-node preheat a http://h/x --at soon --cloud http://h', /--at.*'soon'.*ISO/],
  ['agent --peer-port x', /--peer-port.*'x'/],
  ['agent --set DOMinFileSizeToCache', /--set.*'DOMinFileSizeToCache'.*NAME=VALUE/],
  ['agent --set DOVpnKeywords=a --set DOVpnKeywords=b', /--set.*DOVpnKeywords is set twice/],
  ['agent --data-dir /nowhere --set DOMinRam=4', /DOMinRam: there is no such setting/],
  [
    'agent --data-dir /nowhere --set DOMinRAMAllowedToPeer=lots',
    /DOMinRAMAllowedToPeer: .*whole number from 0 to 100000 \(GB\), not 'lots'/,
  ],
  ['agent extra', /too many arguments/],
  ['demo --devices 0', /--devices.*'0'.*from 1 to 64/],
  ['demo --devices 65', /--devices.*'65'.*from 1 to 64/],
  ['demo --size 0', /--size.*'0'.*from 1 byte/],
  ['demo --file a --size 1', /--file.*--size/],
  ['completion tcsh', /'tcsh'.*bash, zsh, fish, powershell/],
];

suite('wrong command lines end with 2, a message that names the fault, and a remedy', () => {
  for (const [args, names, env = {}] of wrong) {
    test(`${Object.entries(env).map((pair) => `${pair.join('=')} `)}sluice ${args}`, async () => {
      const { code, stdout, stderr } = await runCli(args.split(' '), { env, cwd: '/tmp' });
      assert.match(stderr, names);
      assert.match(stderr, /^sluice: [^\n]+\n {2}[^\n]+\n$/);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});

test('with --json the error is an object on standard output too', async () => {
  const { code, stdout, stderr } = await runCli(['get', 'http://h/a', '--mode', '7', '--json']);
  assert.equal(code, 2);
  const { Error: error } = JSON.parse(stdout);
  assert.deepEqual([error.Code, error.ExitCode], ['InvalidArgument', 2]);
  assert.match(error.Message, /--mode.*'7'/);
  assert.match(error.Remedy, /sluice get --help/);
  assert.match(stderr, /--mode/);
});

test('a variable that is set to nothing counts as not set', async () => {
  const { stderr } = await runCli(['get'], {
    command,
    env: { SLUICE_CLOUD: '', SLUICE_CACHE_HOST: '' },
  });
  assert.match(stderr, /missing required argument 'url'/);
});

test('output that cannot be written is a fault, and not silently cut off', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const intoFull = [
    '/bin/sh',
    '-c',
    'exec "$0" "$@" >/dev/full',
    process.execPath,
    launcher,
  ] as const;
  const { code, stderr } = await runCli(['policy', 'list'], { command: intoFull });
  assert.equal(code, 6);
  assert.match(stderr, /^sluice: the output cannot be written: .*ENOSPC/);
});
