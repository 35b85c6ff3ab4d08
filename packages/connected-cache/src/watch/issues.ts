import type { WallTime } from '../clock.ts';
import type { DriveIssue } from '../store/drive-issue.ts';

/** As Microsoft's resource provider names them (connected-cache.md §9). */
export type MccIssueType =
  | 'DriveNotFound'
  | 'DrivePermission'
  | 'DriveTooSmall'
  | 'DriveInputOutputError'
  | 'WorkerCountTooFew'
  | 'Other';

export interface Issue {
  Type: MccIssueType;
  /** What it is about: a drive, a host. */
  Subject: string;
  Detail: string;
  /** ISO 8601. */
  StartTime: string;
  /** Null while it lasts. */
  EndTime: string | null;
}

/** How long after the last time something counts as going on, ms. */
const occurrenceMs = 5 * 60_000;

/** Issues that are remembered, those that last first to stay. */
const maxIssues = 100;

/** What is, or was, wrong with the node. Each lasts until somebody says that it ended. */
export class Issues {
  readonly #wallTime: WallTime;
  readonly #ofDrives: () => readonly DriveIssue[];
  #issues: Issue[] = [];
  /** When those end that nobody will end: wall time, ms. */
  readonly #until = new Map<Issue, number>();

  /** @param ofDrives those that the store knows */
  constructor(wallTime: WallTime, ofDrives: () => readonly DriveIssue[]) {
    this.#wallTime = wallTime;
    this.#ofDrives = ofDrives;
  }

  /** Oldest first. */
  get list(): Issue[] {
    this.#endOld();
    const all = [...this.#issues.map((issue) => ({ ...issue })), ...this.#ofDrives().map(shown)];
    return all.sort((a, b) => (a.StartTime < b.StartTime ? -1 : 1));
  }

  begin(Type: MccIssueType, Subject: string, Detail: string): void {
    const lasting = this.#find(Type, Subject);
    if (lasting) {
      lasting.Detail = Detail;
      return;
    }
    this.#issues.push({ Type, Subject, Detail, StartTime: this.#now(), EndTime: null });
    while (this.#issues.length > maxIssues) {
      const ended = this.#issues.findIndex(({ EndTime }) => EndTime !== null);
      this.#issues.splice(Math.max(0, ended), 1);
    }
  }

  /** Something that happens now and then: it lasts until it has not happened for five minutes. */
  occur(type: MccIssueType, subject: string, detail: string): void {
    this.#endOld();
    this.begin(type, subject, detail);
    this.#until.set(this.#find(type, subject)!, this.#wallTime() + occurrenceMs);
  }

  end(type: MccIssueType, subject: string): void {
    const issue = this.#find(type, subject);
    if (issue) issue.EndTime = this.#now();
  }

  #endOld(): void {
    for (const [issue, until] of this.#until) {
      if (until > this.#wallTime()) continue;
      issue.EndTime = iso(until);
      this.#until.delete(issue);
    }
  }

  #find(type: MccIssueType, subject: string): Issue | undefined {
    return this.#issues.find((i) => i.Type === type && i.Subject === subject && i.EndTime === null);
  }

  #now(): string {
    return iso(this.#wallTime());
  }
}

function shown({ type, drive, detail, startedAt, endedAt }: DriveIssue): Issue {
  const EndTime = endedAt === undefined ? null : iso(endedAt);
  return { Type: type, Subject: drive, Detail: detail, StartTime: iso(startedAt), EndTime };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
