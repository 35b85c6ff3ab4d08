import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { startCli, temporaryHome } from '../run-cli.test-support.ts';
import { serviceManager } from './service-manager.ts';

const socket = { NOTIFY_SOCKET: '/run/systemd/notify' };

/** What was run, and the manager that had it run. */
function managerWith(env: Record<string, string>, fails = false) {
  const ran: string[][] = [];
  const run = async (command: string, args: string[]) => {
    ran.push([command, ...args]);
    if (fails) throw new Error('ENOENT');
  };
  return { ran, manager: serviceManager(env, run, [7, 6]) };
}

suite('the manager of services', () => {
  test('is told through systemd-notify', async () => {
    const { ran, manager } = managerWith(socket);
    await manager.tell('READY=1', 'STATUS=ready');
    assert.deepEqual(ran, [['systemd-notify', 'READY=1', 'STATUS=ready']]);
  });

  test('is told nothing where there is none', async () => {
    const { ran, manager } = managerWith({ WATCHDOG_USEC: '1000000' });
    await manager.tell('READY=1');
    assert.deepEqual([ran, manager.watchdogMs], [[], undefined]);
  });

  test('that cannot be told does not stop the service', async () => {
    const { ran, manager } = managerWith(socket, true);
    await manager.tell('READY=1');
    assert.equal(ran.length, 1);
  });

  const watchdogs: [string, Record<string, string>, number | undefined][] = [
    ['nobody watches', {}, undefined],
    ['half of its time', { WATCHDOG_USEC: '60000000' }, 30_000],
    ['for this process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 30_000],
    ['for the launcher of this process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '6' }, 30_000],
    ['for another process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, undefined],
    ['no number', { WATCHDOG_USEC: 'soon' }, undefined],
    ['nothing', { WATCHDOG_USEC: '0' }, undefined],
    ['longer than timers run', { WATCHDOG_USEC: '1e16' }, 2 ** 31 - 1],
  ];
  for (const [name, env, ms] of watchdogs) {
    test(`the watchdog: ${name}`, () => {
      assert.equal(managerWith({ ...socket, ...env }).manager.watchdogMs, ms);
    });
  }
});

/** A socket as systemd has it; prints each message as a line of JSON. */
const listener = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print(json.dumps('bound'), flush=True)
while True:
    text = s.recv(4096).decode()
    # With it systemd-notify waits until the message before was read.
    if text != 'BARRIER=1': print(json.dumps(text), flush=True)
`;

async function hasCommands(): Promise<boolean> {
  const run = promisify(execFile);
  const found = [run('systemd-notify', ['--version']), run('python3', ['--version'])];
  return (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled');
}

const skip = !(await hasCommands()) && 'needs systemd-notify and python3';

test('an agent tells systemd that it is ready, lives, and stops', { skip }, async () => {
  await using home = await temporaryHome();
  const path = home.path('notify.sock');
  const python = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await using _ = { [Symbol.asyncDispose]: () => end(python) };
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value!) as string;
  assert.equal(await next(), 'bound');
  const env = { ...home.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' };
  await using agent = startCli(['agent', '--peer-port', '0'], { env });
  const ready = await agent.firstLine();
  assert.equal(await next(), `READY=1\nSTATUS=${ready}`);
  assert.equal(await next(), 'WATCHDOG=1');
  assert.equal((await agent.stop('SIGTERM')).code, 0);
  let message = await next();
  while (message === 'WATCHDOG=1') message = await next();
  assert.equal(message, 'STOPPING=1');
});

async function end(child: ChildProcess): Promise<void> {
  child.kill();
  await once(child, 'exit');
}
