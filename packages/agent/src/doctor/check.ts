import type { CheckResult, DoctorCheck } from '@sluice/protocol';

/** What one check found. */
export interface Verdict {
  result: CheckResult;
  detail: string;
  remedy?: string;
}

/** Runs a check; one that fails by itself is a failed check, not the end of the examination. */
export async function check(
  Group: DoctorCheck['Group'],
  Name: string,
  run: () => Verdict | Promise<Verdict>,
): Promise<DoctorCheck> {
  try {
    const { result, detail, remedy = '' } = await run();
    return { Group, Name, Result: result, Detail: detail, Remedy: remedy };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { Group, Name, Result: 'Fail', Detail: detail, Remedy: 'See the log: sluice log.' };
  }
}
