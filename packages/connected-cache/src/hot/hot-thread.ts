/**
 * A thread of a cache node that serves what is hot. Started by `HotThreads`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { openKernelFiles } from '../store/kernel-files.ts';
import { AnswerRecord } from './answer-record.ts';
import type { Grant } from './grant.ts';
import { HotRow } from './hot-counts.ts';
import { HotFront } from './hot-front.ts';
import type { HotHost } from './hot-host.ts';
import { LeaseTable } from './lease-table.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

/** How late the keeper may hear of ended answers, ms. */
const recordMs = 200;

const start = workerData as ThreadStart;
const keeper = parentPort!;
const kernel = await openKernelFiles();
if (!kernel) throw new Error('no such thread without the kernel’s help');

const wallOffset = start.wallMs - systemClock.now();
const record = new AnswerRecord(start.log);
const asks = new Map<number, (grant: Grant | undefined) => void>();
const turns = new Map<number, () => void>();
let lastId = 0;
let timer: NodeJS.Timeout | undefined;

const tell = (message: FromThread) => keeper.postMessage(message);

function tellRecord(): void {
  timer = undefined;
  if (!record.isEmpty) tell({ kind: 'record', ...record.take() });
}

function soon(): void {
  timer ??= setTimeout(tellRecord, recordMs);
}

const host: HotHost = {
  clock: systemClock,
  wallTime: () => wallOffset + systemClock.now(),
  egress:
    start.turn === undefined
      ? undefined
      : {
          turn: start.turn,
          async take(bytes, begins, gone) {
            const id = ++lastId;
            const gate = new Promise<void>((resolve) => turns.set(id, resolve));
            tell({ kind: 'egress', id, bytes, begins });
            await gate;
            if (gone()) tell({ kind: 'giveBack', bytes });
          },
          giveBack: (bytes) => tell({ kind: 'giveBack', bytes }),
        },
  ask: (asked) =>
    new Promise((resolve) => {
      asks.set(++lastId, resolve);
      tell({ kind: 'ask', id: lastId, asked });
    }),
  handOver: (descriptor, bytes) => tell({ kind: 'handOver', descriptor, bytes }),
  used(slot, word, offset, bytes) {
    record.used(slot, word, offset, bytes);
    soon();
  },
  answered(answer) {
    record.answered(answer, host.clock.now(), host.wallTime());
    soon();
  },
  failed(error) {
    tell({ kind: 'failed', error });
    return undefined;
  },
};

const front = new HotFront({
  host,
  kernel,
  table: new LeaseTable(start.threads, start.leases),
  thread: start.thread,
  counts: new HotRow(start.counts, start.thread),
  clientStallMs: start.clientStallMs,
  keepAliveMs: start.keepAliveMs,
  nodeUrl: () => start.nodeUrl,
});

async function drain(): Promise<void> {
  await front.drain();
  clearTimeout(timer);
  tellRecord();
  tell({ kind: 'drained' });
}

keeper.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'take':
      front.take(message.descriptor);
      break;
    case 'granted':
      asks.get(message.id)?.(message.grant);
      asks.delete(message.id);
      break;
    case 'go':
      turns.get(message.id)?.();
      turns.delete(message.id);
      break;
    case 'cut':
      front.cut();
      break;
    case 'drain':
      drain();
  }
});
