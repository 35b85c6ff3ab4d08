import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const port0 = ['--listen', '127.0.0.1:0'];

/** Each server: its arguments, the ready line, and its address in it. */
const servers: [name: string, args: string[], ready: RegExp][] = [
  ['cloud', ['cloud', ...port0], /^sluice cloud ready at (http:\/\/127\.0\.0\.1:\d+)$/],
  [
    'cache-node',
    ['cache-node', ...port0, '--allow', 'h'],
    /^sluice cache-node ready at (http:\/\/127\.0\.0\.1:\d+)$/,
  ],
  ['agent', ['agent', '--peer-port', '0'], /^sluice agent ready at (\/.*), peers at port \d+$/],
];

for (const [name, args, ready] of servers) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // An agent reads its settings anew at SIGHUP (settings.test.ts).
  for (const signal of signals.slice(0, name === 'agent' ? 2 : 3)) {
    test(`${name} says one line when it is ready, and ends well on ${signal}`, async () => {
      await using home = await temporaryHome();
      await using server = startCli(args, { env: home.env });
      assert.match(await server.firstLine(), ready);
      const started = performance.now();
      const ended = await server.stop(signal);
      assert.deepEqual([ended.code, ended.signal, ended.lines.length], [0, null, 1]);
      assert.ok(performance.now() - started < 5000);
    });
  }

  test(`${name} --json says it in JSON`, async () => {
    await using home = await temporaryHome();
    await using server = startCli([...args, '--json'], { env: home.env });
    assert.equal(JSON.parse(await server.firstLine()).Ready, name);
    assert.equal((await server.stop('SIGTERM')).code, 0);
  });
}

test('a port that is taken: says so, exit code 7', async () => {
  await using home = await temporaryHome();
  await using first = startCli(['cloud', ...port0], { env: home.env });
  const { host } = new URL((await first.firstLine()).split(' ').at(-1)!);
  for (const args of [['cloud'], ['cache-node', '--allow', 'h']]) {
    const second = await runCli([...args, '--listen', host, '--log-level', 'silent'], {
      env: { HOME: home.path('other') },
    });
    assert.equal(second.code, 7, second.stderr);
    assert.match(second.stderr, new RegExp(`^sluice: .*${host}.*\\n {2}\\S`));
  }
});

test('a second signal ends a server at once that still waits for a request', async () => {
  await using home = await temporaryHome();
  await using server = startCli(['cloud', ...port0], { env: home.env });
  const { port } = new URL((await server.firstLine()).split(' ').at(-1)!);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const head = ['POST /array/join/ HTTP/1.1', 'Host: x', 'Content-Type: application/json'];
  head.push('Content-Length: 100', 'Expect: 100-continue');
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  // The server has the request: it says that it waits for the rest.
  await once(socket, 'data');
  // Signals that come within 300 ms count as one.
  const insist = setInterval(() => server.child.kill('SIGTERM'), 50);
  const started = performance.now();
  const { code } = await server.stop('SIGTERM');
  clearInterval(insist);
  socket.destroy();
  assert.equal(code, 130);
  assert.ok(performance.now() - started < 3000);
});
