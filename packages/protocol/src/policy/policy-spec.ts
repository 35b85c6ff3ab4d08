/** Business hours and the percentages in and outside them (policies.md §9). */
export interface LimitedHours {
  /** The first hour of the range, 0–23, device local time. */
  From: number;
  /** The hour at which it ends. Below `From`: over midnight; the same: all day. */
  To: number;
  /** Percent of the measured bandwidth in the range, 0 = dynamic. */
  In: number;
  /** Percent outside it, 0 = dynamic. */
  Out: number;
}

export type PolicyValue = number | string | LimitedHours;

/** What a value looks like. Numbers are whole. */
export type PolicyForm =
  | { kind: 'integer'; unit: 'GB' | 'MB' | 'KB/s' | 's' | '%'; min: number; max: number }
  | { kind: 'choice'; choices: Readonly<Record<number, string>> }
  | { kind: 'text' }
  | { kind: 'guid' }
  /** Host names or addresses after commas; empty = none. */
  | { kind: 'hosts' }
  | { kind: 'hours' };

/** One setting of Delivery Optimization, with all that is known of it (policies.md §2). */
export interface PolicySpec {
  form: PolicyForm;
  /** What holds when nobody sets it; undefined: not set, and that is not the same as any value. */
  default: number | string | undefined;
  /** Friendly name in Group Policy; empty: a setting of our own, which has no place there. */
  groupPolicy: string;
  /** Policy id in DeliveryOptimization.admx. The registry value has the name of the setting. */
  admx: string;
  /** Windows version, by the CSP page / the reference where they differ. */
  since: string;
  /** What it means, one line. */
  about: string;
  /** Section of the policy fact sheet. */
  source: string;
  /** Why it should not be used any more. */
  deprecated?: string;
  /** `acts`: done as documented or as `note` says; `reported`: shown with its provider, without effect. */
  state: 'acts' | 'reported';
  /** From when on a change holds. */
  holds: 'at once' | 'next download' | 'next start' | 'never';
  /** How Sluice reads it where the documents leave it open or disagree, or where it differs. */
  note?: string;
}

/** The value that a form has. */
type ValueOf<F extends PolicyForm> = F extends { kind: 'integer' | 'choice' }
  ? number
  : F extends { kind: 'hours' }
    ? LimitedHours
    : string;

/** The values of a part of the catalogue, as they are in force. */
export type ValuesOf<C extends Record<string, PolicySpec>> = {
  -readonly [N in keyof C]: undefined extends C[N]['default']
    ? ValueOf<C[N]['form']> | undefined
    : ValueOf<C[N]['form']>;
};
