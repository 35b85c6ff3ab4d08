import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { startNode } from '../harness.ts';
import { rawConnect } from '../raw-client.ts';
import { ScriptedSource } from './scripted-source.ts';

/** A request to the node, what the source says if it is asked, and what must come of it. */
export interface Step {
  /** Seconds that pass before. */
  after?: number;
  /** `GET` unless said otherwise. */
  method?: string;
  path?: string;
  /** Header lines of the request, `\n` between them. */
  ask?: string;
  /**
   * The source's answers in turn, `\n` as line ends in the head, which ends with an empty line; `{now±s}` stands
   * for an HTTP date, `{close}` at the end closes. None = the source must not be asked.
   */
  source?: string | string[];
  /** Status of the answer; 0 = it is cut. */
  is: number;
  body?: string;
  /** Header lines that the answer must have, exactly; a name with `-` before it is one it must not have. */
  has?: string;
  /** The same of the (last) request that the source got. */
  asked?: string;
}

/** What must hold: [where it is written, what, steps]. */
export type Case = [section: string, what: string, steps: Step[]];

/** One node and source for a family of cases; each case has paths of its own. */
export async function runCases(t: TestContext, cases: Case[]): Promise<void> {
  const clock = new ManualClock();
  const source = await ScriptedSource.start();
  t.after(() => source[Symbol.asyncDispose]());
  // The node's wall clock begins with its start.
  const startedAt = Date.now();
  const { node } = await startNode(t, { allow: [source.host], clock });
  for (const [i, [section, what, steps]] of cases.entries()) {
    await t.test(`${section}: ${what}`, async () => {
      for (const [n, step] of steps.entries()) {
        clock.advance((step.after ?? 0) * 1000);
        const answers = [step.source ?? []]
          .flat()
          .map((text) => wire(text, startedAt + clock.now()));
        source.script(answers);
        // Pauses between attempts pass only where attempts fail.
        const pauses = step.is === 0 && setInterval(() => clock.advance(1000), 10);
        const text = await exchange(node.url, source.host, `/${i}${step.path ?? ''}`, step);
        if (pauses) clearInterval(pauses);
        check(text, step, `step ${n + 1}`);
        if (step.is > 0 && step.method !== 'OPTIONS') await settled(source, answers.length);
        assert.equal(source.asked.length, answers.length, `step ${n + 1}: requests to the source`);
        if (step.asked) checkLines(source.asked.at(-1)!, step.asked, `step ${n + 1}: the request`);
      }
    });
  }
}

/** A refresh that goes on beside the answer must have reached the source. */
async function settled(source: ScriptedSource, count: number): Promise<void> {
  for (let i = 0; i < 2000 && source.asked.length < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function exchange(url: string, host: string, path: string, step: Step): Promise<string> {
  const { method = 'GET', ask = '' } = step;
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close'];
  const text = [...lines, ...(ask === '' ? [] : ask.split('\n')), '', ''].join('\r\n');
  const socket = rawConnect(url);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A reset is an answer too.
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

function wire(text: string, now: number): string {
  if (text === '{close}') return text;
  const dated = text.replaceAll(/\{now([+-]\d+)?\}/g, (_all, seconds = '0') =>
    new Date(now + Number(seconds) * 1000).toUTCString(),
  );
  const cut = dated.indexOf('\n\n');
  const head = cut < 0 ? dated.trimEnd() : dated.slice(0, cut);
  return `${head.replaceAll('\n', '\r\n')}\r\n\r\n${cut < 0 ? '' : dated.slice(cut + 2)}`;
}

function check(text: string, { is, body, has }: Step, where: string): void {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  if (is === 0) {
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 1);
    assert.ok(rest.join('\r\n\r\n').length < length, `${where}: it must be cut`);
    return;
  }
  assert.equal(status, is, `${where}: ${text.slice(0, 400)}`);
  if (body !== undefined) assert.equal(rest.join('\r\n\r\n'), body, where);
  if (has) checkLines(head, has, where);
}

function checkLines(head: string, lines: string, where: string): void {
  const fields = head.split('\r\n').slice(1);
  for (const line of lines.split('\n')) {
    if (line.startsWith('-')) {
      const name = line.slice(1).toLowerCase();
      const found = fields.find((field) => field.toLowerCase().startsWith(`${name}:`));
      assert.equal(found, undefined, `${where}: no ${name}`);
    } else {
      const [name = '', value = ''] = line.split(/: ?(.*)/s);
      const values = fields
        .filter((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))
        .map((field) => field.slice(name.length + 1).trim());
      if (value.startsWith('~')) assert.match(values.join(', '), new RegExp(value.slice(1)), where);
      else assert.equal(values.join(', '), value, `${where}: ${name}`);
    }
  }
}
