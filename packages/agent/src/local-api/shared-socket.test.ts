import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { suite, type TestContext, test } from 'node:test';
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
async function world(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-shared-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chown(folder, admin!, admin!);
  await chmod(folder, 0o755);
  const out = join(folder, 'out');
  await mkdir(out);
  await chmod(out, 0o1777);
  const socket = join(folder, 'all.sock');
  const agent = as(admin!, [server, join(folder, 'data'), socket]);
  t.after(async () => {
    agent.kill();
    await once(agent, 'exit');
  });
  const errors = text(agent.stderr!);
  const ready = once(createInterface({ input: agent.stdout! }), 'line');
  await Promise.race([ready, errors.then((e) => assert.fail(e))]);
  /** Runs an expression over `jobs` as a user. @returns what it gives, or the code and status of its error. */
  const run = async (uid: number, expression: string) => {
    const script = `
      const { connectSharedApi } = await import(${JSON.stringify(face)});
      const client = await connectSharedApi(${JSON.stringify(socket)});
      const { jobs } = client;
      const result = await (async () => ${expression})().catch(
        (e) => \`\${e.code} \${e.params?.status}\`,
      );
      console.log(JSON.stringify(result));
      await client.close();`;
    const child = as(uid, ['--input-type=module', '-e', script]);
    const [output, error] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    assert.notEqual(output, '', error);
    return JSON.parse(output);
  };
  return { folder, out, socket, run };
}

suite('a socket for all users', { skip: !isRoot && 'only root can be several users' }, () => {
  test('each has jobs of its own, an administrator all', async (t) => {
    const w = await world(t);
    const LocalPath = JSON.stringify(join(w.out, 'f'));
    const job = await w.run(
      alice!,
      `jobs.create({ Uri: 'http://127.0.0.1:1/f', LocalPath: ${LocalPath} })`,
    );
    assert.equal(job.Owner, `uid ${alice}`);
    const id = JSON.stringify(job.Id);
    const ids = `jobs.list().then((all) => all.map((j) => j.Id))`;
    assert.deepEqual(await w.run(alice!, ids), [job.Id]);
    assert.deepEqual(await w.run(bob!, ids), []);
    assert.deepEqual(await w.run(admin!, ids), [job.Id]);
    assert.deepEqual(await w.run(0, ids), [job.Id]);
    for (const call of ['status', 'start', 'pause', 'abort', 'finalize']) {
      assert.equal(await w.run(bob!, `jobs.${call}(${id})`), 'ServiceRefused 404', call);
    }
    const forAdmins = [
      `client.abort('x')`,
      `client.settings()`,
      `client.changeSettings({ provider: 'Admin', values: {}, isWhole: false })`,
      `client.admin.perfSnap()`,
      `client.admin.examine()`,
    ];
    for (const call of forAdmins) {
      assert.equal(await w.run(bob!, call), 'ServiceRefused 401', call);
    }
    assert.deepEqual(await w.run(bob!, 'client.status().then((s) => s.Downloads)'), []);
    assert.equal((await w.run(admin!, `jobs.abort(${id})`)).State, 'Aborted');
  });

  test('no user has the agent write over another’s file, or into the agent’s own folder', async (t) => {
    const w = await world(t);
    const start = (path: string) =>
      `jobs.create({ Uri: 'http://127.0.0.1:1/f', LocalPath: ${JSON.stringify(path)} }).then((j) => jobs.start(j.Id)).then((j) => j.State)`;
    const path = join(w.out, 'f');
    assert.equal(await w.run(alice!, start(path)), 'Transferring');
    assert.equal(await w.run(bob!, start(path)), 'ServiceRefused 409');
    assert.equal(await w.run(bob!, start(join(w.folder, 'data', 'x'))), 'ServiceRefused 400');
    await symlink(join(w.folder, 'data', 'caller-jobs'), join(w.out, 'link'));
    const detour = join(w.out, 'link', 'x');
    assert.equal(await w.run(bob!, start(detour)), 'ServiceRefused 409');
    // The agent may write there, bob may not.
    assert.equal(await w.run(bob!, start(join(w.folder, 'x'))), 'ServiceRefused 409');
  });

  test('opens to all, the agent’s own socket and data to nobody else', async (t) => {
    const w = await world(t);
    assert.equal((await stat(w.socket)).mode & 0o777, 0o666);
    assert.equal((await stat(`${w.socket}.login`)).mode & 0o7777, 0o1733);
    assert.equal((await stat(join(w.folder, 'data'))).mode & 0o777, 0o700);
  });
});
