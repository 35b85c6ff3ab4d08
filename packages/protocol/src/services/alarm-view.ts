/** `HashConflict`: other bytes for the same state of a URL. `DigestMismatch`: other bytes than the source says itself. */
export type AlarmKind = 'HashConflict' | 'DigestMismatch';

/** What an admin must look at: `GET /admin/alarms`. */
export interface AlarmView {
  Id: string;
  Kind: AlarmKind;
  /** What it is about: a URL, mostly. */
  Subject: string;
  Detail: string;
  /** ISO 8601 */
  FirstAt: string;
  LastAt: string;
  Count: number;
}
