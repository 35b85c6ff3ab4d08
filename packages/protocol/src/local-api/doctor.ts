export type CheckResult = 'Pass' | 'Fail' | 'Warn' | 'Disabled' | 'Unset';

/** One check of the DO Troubleshooter (admin.md §10). */
export interface DoctorCheck {
  Group: 'HealthCheck' | 'P2P' | 'MCC';
  Name: string;
  Result: CheckResult;
  /** What was found. */
  Detail: string;
  /** What to do about it; empty when there is nothing to do. */
  Remedy: string;
}

/** What `GET /v1/doctor` answers. */
export interface DoctorReport {
  Checks: DoctorCheck[];
  /** The settings that hold, by their DO names. */
  Settings: Record<string, string | number | null>;
}
