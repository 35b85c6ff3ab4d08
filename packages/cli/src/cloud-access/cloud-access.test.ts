import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createCloud } from '@sluice/cloud';
import { type AuditEntry, isSluiceError } from '@sluice/protocol';
import { auditHash, firstPreviousHash } from '@sluice/protocol/schemas';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';
import { AuditCheck } from './audit-check.ts';
import { newPassword } from './password.ts';

const adminToken = 'the-admin-token-of-this-test';

test('from the first user to the audit log, which shows when somebody changes it', async () => {
  await using home = await temporaryHome();
  const listen = { host: '127.0.0.1', port: 0 };
  await using cloud = await createCloud({ dataDir: home.path('c'), listen, adminToken });
  const env = { ...home.env, SLUICE_CLOUD: cloud.url, SLUICE_ADMIN_TOKEN: adminToken };
  const run = (...args: string[]) => runCli(['cloud', ...args], { env });
  const password = 'correct horse battery';
  await writeFile(home.path('p'), `${password}\nnot this\n`);

  const added = await run(
    'user',
    'add',
    'anna',
    '--role',
    'owner',
    '--password-file',
    home.path('p'),
  );
  assert.match(added.stdout, /^Name .*\nanna +owner +default +yes +password +-\n$/, added.stderr);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ Name: 'anna', Password: password });
  const login = await fetch(`${cloud.url}/admin/login`, { method: 'POST', headers, body });
  assert.equal(login.status, 200);

  const made = await run('token', 'create', 'ci', '--role', 'operator', '--expires', '12h');
  assert.match(made.stdout, /^sat_[\w-]{43}\n$/);
  assert.match(made.stderr, /not shown again.*expires at 20/);
  await writeFile(home.path('t'), made.stdout);
  const refused = await run('user', 'list', '--token-file', home.path('t'));
  assert.equal(refused.code, 8);
  assert.match(refused.stderr, /403.*owner.*operator/);
  await fetch(`${cloud.url}/admin/content/%1b%5b2J`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${adminToken}` },
  });

  const { stdout: log } = await run('audit');
  const actions = log.split('\n').map((line) => line.split('  ').slice(1).join('|'));
  assert.deepEqual(actions.slice(0, 3), [
    'admin-token|127.0.0.1|400 RequestInvalid|DELETE /admin/content/:contentId \ufffd[2J',
    `admin-token|127.0.0.1|201|POST /admin/tokens ${/\{"Name":"ci".*\}/.exec(log)?.[0]}`,
    'anna|127.0.0.1|200|login',
  ]);
  const good = await run('audit', '--verify');
  const last = /^4 entries, intact\nlast (4:[0-9a-f]{64})\n$/.exec(good.stdout)?.[1];
  assert.ok(last, good.stdout + good.stderr);

  const db = new DatabaseSync(home.path('c', 'audit.sqlite'));
  db.exec(
    `DROP TRIGGER admin_audit_no_update; UPDATE admin_audit SET user_name = 'bert' WHERE seq = 2`,
  );
  db.close();
  const bad = await run('audit', '--verify', last);
  assert.equal(bad.code, 5);
  assert.match(bad.stderr, /entry 2: it was changed/);
  for (const secret of [password, made.stdout.trim()]) {
    assert.ok(!(await readFile(home.path('c', 'admin.sqlite'))).includes(secret), 'kept as a hash');
  }
});

function chain(count: number): AuditEntry[] {
  const all: AuditEntry[] = [];
  for (let Seq = 1; Seq <= count; Seq++) {
    const entry = {
      ...{ Seq, Time: '2027-01-01T00:00:00.000Z', User: `u${Seq}`, Role: null, Tenant: 'default' },
      ...{ Address: '::1', Action: 'login', Target: '', Detail: '{}', Status: 200, Error: null },
      PreviousHash: all.at(-1)?.Hash ?? firstPreviousHash,
    };
    all.push({ ...entry, Hash: auditHash(entry) });
  }
  return all;
}

/** How the check of these entries ends. */
function checked(entries: AuditEntry[], options: ConstructorParameters<typeof AuditCheck>[0]) {
  const check = new AuditCheck(options);
  try {
    for (const entry of entries) check.next(entry);
    return check.end().entries;
  } catch (error) {
    assert.ok(isSluiceError(error, 'AuditBroken'));
    return error.params.seq;
  }
}

test('a log that was changed, cut, reordered or written anew is told, and where', () => {
  const log = chain(5);
  const anew = chain(5).map((entry) => ({ ...entry, User: 'x' }));
  const rehashed = [...log];
  const forged = { ...log[2]!, User: 'somebody else' };
  rehashed[2] = { ...forged, Hash: auditHash(forged) };
  const known = { seq: 4, hash: log[3]!.Hash };
  const table: [what: string, AuditEntry[], known: typeof known | undefined, result: number][] = [
    ['as it was', log, undefined, 5],
    ['with what was known', log, known, 5],
    ['empty', [], undefined, 0],
    ['changed', anew, undefined, 1],
    ['changed and hashed again', rehashed, undefined, 4],
    ['the first is gone', log.slice(1), undefined, 2],
    ['one between is gone', log.toSpliced(2, 1), undefined, 4],
    ['two are exchanged', [log[0]!, log[2]!, log[1]!], undefined, 3],
    ['one is there twice', [log[0]!, log[0]!], undefined, 1],
    ['cut at the end', log.slice(0, 3), known, 4],
    ['all is gone', [], known, 4],
    ['written anew', log, { seq: 4, hash: log[2]!.Hash }, 4],
  ];
  for (const [what, entries, point, result] of table) {
    assert.equal(checked(entries, { isWhole: true, ...(point && { known: point }) }), result, what);
  }
  // Who sees one tenant’s has gaps, and no more than gaps.
  assert.equal(checked([log[1]!, log[2]!, log[4]!], { isWhole: false }), 3);
  assert.equal(checked([log[1]!, rehashed[2]!, log[3]!], { isWhole: false }), 4);
});

test('a password that is typed is not shown, may be corrected, and is asked for twice', async () => {
  const type = async (...keys: string[]) => {
    let shown = '';
    const modes: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => modes.push(raw),
    });
    const write = (text: string) => {
      if (text.endsWith(': ')) assert.equal(modes.at(-1), true, 'raw before anything is asked');
      shown += text;
    };
    const terminal = { input, output: { write } };
    const typed = newPassword(undefined, terminal);
    input.write(keys[0]!);
    if (keys[1] !== undefined) setImmediate(() => input.write(keys[1]!));
    const password = await typed.catch((error) => error.code);
    assert.equal(modes.at(-1), false, 'the terminal is as before');
    return { password, shown };
  };
  assert.deepEqual(await type('secretx\x7f\r', 'secret\n'), {
    password: 'secret',
    shown: 'Password: \nThe same again: \n',
  });
  assert.equal((await type('ü€😀\b\r', 'ü€\r')).password, 'ü€');
  assert.equal((await type('pasted\rpasted\r')).password, 'pasted');
  assert.equal((await type('one\r', 'two\r')).password, 'InvalidArgument');
  assert.equal((await type('one\x03')).password, 'Cancelled');
});
