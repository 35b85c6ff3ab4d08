import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Of the agent, who is the administrator, and of two users. */
const [admin, alice, bob] = [12_301, 12_302, 12_303];
const isRoot = process.getuid?.() === 0;
const face = new URL('./face.ts', import.meta.url).href;
const server = fileURLToPath(new URL('./shared-agent.test-kit.ts', import.meta.url));

function as(uid: number, args: string[]): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
  return spawn(process.execPath, args, { uid, gid: uid, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** An agent of a user without rights, with a folder that all may write. */
async function world() {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-shared-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await chown(folder, admin!, admin!);
  await chmod(folder, 0o755);
  const out = join(folder, 'out');
  await mkdir(out);
  await chmod(out, 0o1777);
  const socket = join(folder, 'all.sock');
  const agent = as(admin!, [server, join(folder, 'data'), socket]);
  stack.defer(async () => {
    const exited = once(agent, 'exit');
    agent.kill();
    await exited;
  });
  const errors = text(agent.stderr!);
  const ready = once(createInterface({ input: agent.stdout! }), 'line');
  await Promise.race([ready, errors.then((e) => assert.fail(e))]);
  /**
   * Evaluates expressions over `jobs`, one after the other, as a user. @returns what each gives, or the code
   * and status of its error.
   */
  const run = async (uid: number, ...expressions: string[]) => {
    const script = `
      const { connectSharedApi } = await import(${JSON.stringify(face)});
      const client = await connectSharedApi(${JSON.stringify(socket)});
      const { jobs } = client;
      const results = [];
      for (const run of [${expressions.map((e) => `async () => ${e}`)}]) {
        results.push(await run().catch((e) => \`\${e.code} \${e.params?.status}\`));
      }
      console.log(JSON.stringify(results));
      await client.close();`;
    const child = as(uid, ['--input-type=module', '-e', script]);
    const [output, error] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    assert.notEqual(output, '', error);
    return JSON.parse(output);
  };
  return { folder, out, socket, run, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('a socket for all users', { skip: !isRoot && 'only root can be several users' }, () => {
  let w: Awaited<ReturnType<typeof world>>;
  before(async () => {
    w = await world();
  });
  after(() => w[Symbol.asyncDispose]());

  test('each has jobs of its own, an administrator all', async () => {
    const LocalPath = JSON.stringify(join(w.out, 'f'));
    const ids = `jobs.list().then((all) => all.map((j) => j.Id))`;
    const [job, ofAlice] = await w.run(
      alice!,
      `jobs.create({ Uri: 'http://127.0.0.1:1/f', LocalPath: ${LocalPath} })`,
      ids,
    );
    assert.equal(job.Owner, `uid ${alice}`);
    assert.deepEqual(ofAlice, [job.Id]);
    const id = JSON.stringify(job.Id);
    const calls = ['status', 'start', 'pause', 'abort', 'finalize'];
    const forAdmins = [
      `client.abort('x')`,
      `client.settings()`,
      `client.changeSettings({ provider: 'Admin', values: {}, isWhole: false })`,
      `client.admin.perfSnap()`,
      `client.admin.examine()`,
    ];
    const ofBob = await w.run(
      bob!,
      ids,
      'client.status().then((s) => s.Downloads)',
      ...calls.map((call) => `jobs.${call}(${id})`),
      ...forAdmins,
    );
    assert.deepEqual(ofBob, [
      [],
      [],
      ...calls.map(() => 'ServiceRefused 404'),
      ...forAdmins.map(() => 'ServiceRefused 401'),
    ]);
    assert.deepEqual(await w.run(0, ids), [[job.Id]]);
    const [ofAdmin, aborted] = await w.run(admin!, ids, `jobs.abort(${id})`);
    assert.deepEqual([ofAdmin, aborted.State], [[job.Id], 'Aborted']);
  });

  test('no user has the agent write over another’s file, or into the agent’s own folder', async () => {
    const start = (path: string) =>
      `jobs.create({ Uri: 'http://127.0.0.1:1/f', LocalPath: ${JSON.stringify(path)} }).then((j) => jobs.start(j.Id)).then((j) => j.State)`;
    const path = join(w.out, 'g');
    assert.deepEqual(await w.run(alice!, start(path)), ['Transferring']);
    await symlink(join(w.folder, 'data', 'caller-jobs'), join(w.out, 'link'));
    const ofBob = await w.run(
      bob!,
      start(path),
      start(join(w.folder, 'data', 'x')),
      start(join(w.out, 'link', 'x')),
      // The agent may write there, bob may not.
      start(join(w.folder, 'x')),
    );
    const answers = [409, 400, 409, 409].map((status) => `ServiceRefused ${status}`);
    assert.deepEqual(ofBob, answers);
  });

  test('who holds connections without an end keeps nobody out, and loses the idlest', async () => {
    const held = Array.from({ length: 600 }, () => connect(w.socket).on('error', () => {}));
    try {
      const [first] = held;
      await Promise.all(held.map((socket) => once(socket, 'connect')));
      if (!first!.closed) await once(first!, 'close');
      assert.ok(Array.isArray((await w.run(bob!, 'jobs.list()'))[0]));
    } finally {
      for (const socket of held) socket.destroy();
    }
  });

  test('opens to all, the agent’s own socket and data to nobody else', async () => {
    assert.equal((await stat(w.socket)).mode & 0o777, 0o666);
    assert.equal((await stat(`${w.socket}.login`)).mode & 0o7777, 0o1733);
    assert.equal((await stat(join(w.folder, 'data'))).mode & 0o777, 0o700);
  });
});
