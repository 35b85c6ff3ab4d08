import { randomUUID } from 'node:crypto';
import {
  type HeartbeatReply,
  type HeartbeatRequest,
  type PreheatJobView,
  sluiceError,
} from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { heartbeatSeconds } from './node-record.ts';
import type { CacheNodeTables } from './tables.ts';

/** What an admin wants fetched. */
export interface JobOrder {
  Urls: string[];
  /** Bytes a second. */
  Rate: number | null;
  /** When to begin, ms since 1970; now when it has passed. */
  at: number;
  /** Again after so long, ms. */
  everyMs: number | null;
}

/** A node that was given a job and does not speak of it has forgotten it, as after a restart. */
const forgottenMs = 3 * heartbeatSeconds * 1000;
const maxOpenJobs = 32;

/** Jobs of preheating: handed out with the answer to a heartbeat, reported with the next ones. */
export class PreheatJobs {
  readonly #db: Kysely<CacheNodeTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<CacheNodeTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @returns its id. @throws RequestInvalid: too many */
  async add(node: string, { Urls, Rate, at, everyMs }: JobOrder): Promise<string> {
    const open = (await this.list(node)).filter(
      (j) => j.State === 'Waiting' || j.State === 'Running',
    );
    if (open.length >= maxOpenJobs) {
      throw sluiceError('RequestInvalid', { detail: `${node} has ${open.length} jobs already` });
    }
    const id = randomUUID();
    const job = {
      ...{ job_id: id, node_name: node, urls: JSON.stringify(Urls), rate: Rate },
      ...{ next_at: Math.round(at), every_ms: everyMs, state: 'Waiting' as const },
      ...{ run: 0, heard_at: null, results: null },
    };
    await this.#db.insertInto('preheat_job').values(job).execute();
    return id;
  }

  async list(node: string): Promise<PreheatJobView[]> {
    const rows = await this.#rows(node);
    return rows.map((row) => ({
      Id: row.job_id,
      State: row.state,
      Urls: JSON.parse(row.urls),
      Rate: row.rate,
      NextRun: row.state === 'Waiting' ? new Date(row.next_at).toISOString() : null,
      EverySeconds: row.every_ms === null ? null : row.every_ms / 1000,
      Runs: row.run,
      Results: row.results === null ? [] : JSON.parse(row.results),
    }));
  }

  /** It is handed out no more, and given up where it runs. @throws NoSuchResource */
  async cancel(node: string, id: string): Promise<void> {
    const done = await this.#db
      .updateTable('preheat_job')
      .set({ state: 'Cancelled' })
      .where('node_name', '=', node)
      .where('job_id', '=', id)
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw sluiceError('NoSuchResource');
  }

  /** Takes what the node says of its jobs. @returns what it shall do now */
  async exchange(
    node: string,
    told: HeartbeatRequest['Jobs'],
  ): Promise<Pick<HeartbeatReply, 'Jobs' | 'Cancel'>> {
    const now = this.#wallTime();
    const reply: Pick<HeartbeatReply, 'Jobs' | 'Cancel'> = { Jobs: [], Cancel: [] };
    for (const row of await this.#rows(node)) {
      const runId = `${row.job_id}.${row.run}`;
      const report = told.find(({ Id }) => Id === runId);
      if (report?.State === 'Running' && row.state === 'Cancelled') reply.Cancel.push(runId);
      const next = afterReport(row, report, now);
      if (next.state === 'Waiting' && next.next_at <= now) {
        const run = row.run + 1;
        reply.Jobs.push({ Id: `${row.job_id}.${run}`, Urls: JSON.parse(row.urls), Rate: row.rate });
        Object.assign(next, { state: 'Running', run, heard_at: Math.round(now) });
      }
      await this.#db
        .updateTable('preheat_job')
        .set(next)
        .where('job_id', '=', row.job_id)
        // An admin may have cancelled it meanwhile.
        .where('state', '=', row.state)
        .execute();
    }
    return reply;
  }

  #rows(node: string) {
    const rows = this.#db.selectFrom('preheat_job').selectAll().where('node_name', '=', node);
    return rows.orderBy('next_at').limit(200).execute();
  }
}

type JobRow = CacheNodeTables['preheat_job'];
type Next = Pick<JobRow, 'state' | 'next_at' | 'run' | 'heard_at' | 'results'>;

function afterReport(
  row: JobRow,
  report: HeartbeatRequest['Jobs'][number] | undefined,
  now: number,
): Next {
  const { state, next_at, run, heard_at, results } = row;
  const same = { state, next_at, run, heard_at, results };
  if (state !== 'Running') return same;
  if (!report) {
    return now - (heard_at ?? 0) < forgottenMs ? same : { ...same, state: 'Waiting' };
  }
  const heard = { ...same, heard_at: Math.round(now), results: JSON.stringify(report.Results) };
  if (report.State === 'Running') return heard;
  if (row.every_ms === null) return { ...heard, state: 'Ended' };
  // Runs that were missed are not made up for.
  const missed = Math.max(0, Math.floor((now - next_at) / row.every_ms));
  return { ...heard, state: 'Waiting', next_at: next_at + (missed + 1) * row.every_ms };
}
