import { isSluiceError } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';

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

/** Issues that are remembered, those that last first to stay. */
const maxIssues = 100;

/** What is, or was, wrong with the node. Each lasts until somebody says that it ended. */
export class Issues {
  readonly #wallTime: WallTime;
  #issues: Issue[] = [];

  constructor(wallTime: WallTime) {
    this.#wallTime = wallTime;
  }

  /** Oldest first. */
  get list(): Issue[] {
    return this.#issues.map((issue) => ({ ...issue }));
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

  end(type: MccIssueType, subject: string): void {
    const issue = this.#find(type, subject);
    if (issue) issue.EndTime = this.#now();
  }

  #find(type: MccIssueType, subject: string): Issue | undefined {
    return this.#issues.find((i) => i.Type === type && i.Subject === subject && i.EndTime === null);
  }

  #now(): string {
    return new Date(this.#wallTime()).toISOString();
  }
}

/** Which issue a failed file operation is. */
export function issueTypeOf(error: unknown): MccIssueType {
  const cause = isSluiceError(error) ? (error.cause ?? error) : error;
  const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') return 'DriveNotFound';
  if (isSluiceError(error, 'DiskUnwritable')) return 'DrivePermission';
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') return 'DrivePermission';
  if (isSluiceError(error, 'DiskFull') || errno === 'ENOSPC' || errno === 'EDQUOT') {
    return 'DriveTooSmall';
  }
  return 'DriveInputOutputError';
}
