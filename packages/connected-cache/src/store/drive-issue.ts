import { isSluiceError } from '@sluice/protocol';

/** Names of MccIssueType (connected-cache.md §9). */
export type DriveIssueType =
  | 'DriveNotFound'
  | 'DrivePermission'
  | 'DriveTooSmall'
  | 'DriveInputOutputError';

/** Something is wrong with a drive, or was. */
export interface DriveIssue {
  type: DriveIssueType;
  /** Folder of the drive. */
  drive: string;
  /** Wall time in ms. */
  startedAt: number;
  /** Undefined while it lasts. */
  endedAt: number | undefined;
  detail: string;
}

/** What kind of trouble the error of a file operation tells of. */
export function issueTypeOf(error: unknown): DriveIssueType {
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENODEV':
    case 'ENXIO':
      return 'DriveNotFound';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'DrivePermission';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'DriveTooSmall';
    default:
      return 'DriveInputOutputError';
  }
}

export function errnoOf(error: unknown): string | undefined {
  if (isSluiceError(error)) return errnoOf(error.cause);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Of which ended issues so many are remembered. */
const maxEnded = 100;

/** What is and was wrong with the drives, each kind once per drive at a time. */
export class DriveIssues {
  readonly #now: () => number;
  readonly #told: (issue: DriveIssue) => void;
  readonly #all: DriveIssue[] = [];

  /** @param told hears of each that begins or ends */
  constructor(now: () => number, told: (issue: DriveIssue) => void) {
    this.#now = now;
    this.#told = told;
  }

  /** Oldest first. */
  get all(): readonly DriveIssue[] {
    return this.#all;
  }

  begin(drive: string, type: DriveIssueType, detail: string): void {
    if (this.#open(drive).some((issue) => issue.type === type)) return;
    const issue = { type, drive, startedAt: this.#now(), endedAt: undefined, detail };
    this.#all.push(issue);
    this.#told(issue);
    const surplus = this.#all.length - maxEnded;
    const oldest = surplus > 0 ? this.#all.findIndex((i) => i.endedAt !== undefined) : -1;
    if (oldest >= 0) this.#all.splice(oldest, 1);
  }

  /** @param type undefined = whatever there is */
  end(drive: string, type?: DriveIssueType): void {
    for (const issue of this.#open(drive)) {
      if (type !== undefined && issue.type !== type) continue;
      issue.endedAt = this.#now();
      this.#told(issue);
    }
  }

  #open(drive: string): DriveIssue[] {
    return this.#all.filter((issue) => issue.drive === drive && issue.endedAt === undefined);
  }
}
