import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite, test } from 'node:test';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const isRoot = process.getuid?.() === 0;
const userFlags = isRoot ? ['--do-user', 'nobody'] : [];

/** Sends one call on a connection of its own. @returns the values of the reply. */
async function call(port: number, text: string): Promise<Record<string, string>> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${text} HTTP/1.1\r\n\r\n`);
  let reply = '';
  socket.setEncoding('utf8').on('data', (data) => {
    reply += data;
  });
  while (!/\r\n\r\n.*\}/s.test(reply)) await once(socket, 'data');
  socket.destroy();
  assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/);
  return JSON.parse(reply.split('\r\n\r\n')[1]!);
}

suite('sluice agent --do-compat', { skip: process.platform === 'win32' }, () => {
  test('serves Microsoft’s clients, as a user without rights, and reads its file anew at SIGHUP', async (t) => {
    await using home = await temporaryHome();
    await chmod(home.folder, 0o755);
    const out = home.path('out');
    await mkdir(out);
    await chmod(out, 0o777);
    const source = createServer((_request, response) => response.end('the file'));
    source.listen(0, '127.0.0.1');
    t.after(() => source.close());
    await once(source, 'listening');
    const flags = ['--do-run-dir', home.path('run'), '--do-config-dir', home.path('etc')];
    const more = [...flags, ...userFlags, '--data-dir', home.path('state', 'agent')];
    await using agent = startCli(
      ['agent', '--do-compat', '--json', '--peer-port', '0', '--no-local-discovery', ...more],
      { env: home.env },
    );
    const { DoPort } = JSON.parse(await agent.firstLine());
    const [file] = await readdir(home.path('run'));
    assert.equal(await readFile(home.path('run', file!), 'utf8'), `${DoPort}\n`);
    const second = await runCli(['agent', '--do-compat', ...more], { env: home.env });
    assert.match(second.stderr, /runs already/);
    assert.equal(
      await readFile(home.path('run', file!), 'utf8'),
      `${DoPort}\n`,
      'still the first’s',
    );
    agent.child.kill('SIGHUP');
    const uri = `http://127.0.0.1:${(source.address() as AddressInfo).port}/f`;
    const path = `${out}/file`;
    const { Id } = await call(DoPort, `POST download/create?Uri=${uri}&DownloadFilePath=${path}`);
    await call(DoPort, `POST download/start?Id=${Id}`);
    while ((await call(DoPort, `GET download/getstatus?Id=${Id}`)).Status !== 'Transferred');
    await call(DoPort, `POST download/finalize?Id=${Id}`);
    assert.equal(await readFile(path, 'utf8'), 'the file');
    if (isRoot) assert.notEqual((await stat(path)).uid, 0);
    assert.equal((await agent.stop('SIGTERM')).code, 0);
    assert.deepEqual(await readdir(home.path('run')), [file], 'the port file stays');
  });

  test('does not run as root', { skip: !isRoot }, async () => {
    await using home = await temporaryHome();
    for (const user of ['root', 'nobody-of-that-name']) {
      const { code, stderr } = await runCli(
        ['agent', '--do-compat', '--do-user', user, '--do-run-dir', home.path('run')],
        { env: home.env },
      );
      assert.equal(code, 2, stderr);
    }
  });
});
