import { toSluiceError } from '@sluice/protocol';

/** What one check of a cloud found. */
export interface CloudFinding {
  Name: string;
  Result: 'Ok' | 'Warn' | 'Fail';
  Detail: string;
  /** What to do; empty when it is Ok. */
  Remedy: string;
}

export type Verdict = Omit<CloudFinding, 'Name'>;

export function ok(Detail: string): Verdict {
  return { Result: 'Ok', Detail, Remedy: '' };
}

export function warn(Detail: string, Remedy: string): Verdict {
  return { Result: 'Warn', Detail, Remedy };
}

export function fail(Detail: string, Remedy: string): Verdict {
  return { Result: 'Fail', Detail, Remedy };
}

/** Runs a check; one that fails by itself is a failed check, not the end of the examination. */
export async function check(
  Name: string,
  run: () => Verdict | Promise<Verdict>,
): Promise<CloudFinding> {
  try {
    return { Name, ...(await run()) };
  } catch (error) {
    const { message, remedy } = toSluiceError(error);
    return { Name, ...fail(message, remedy) };
  }
}
