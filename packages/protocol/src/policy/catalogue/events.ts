import type { PolicySpec } from '../policy-spec.ts';

/** Settings of our own have no place in Windows' policies. */
const ours = { groupPolicy: '', admx: '', since: '', source: '§11', state: 'acts' } as const;
const yesNo = { 0: 'no', 1: 'yes' } as const;

/** What a device tells the cloud of itself (docs/events.md). */
export const eventPolicies = {
  SluiceEvents: {
    ...ours,
    form: { kind: 'choice', choices: { 0: 'off', 1: 'basic', 2: 'all' } },
    default: 2,
    about: 'events that the device sends to its own cloud',
    holds: 'at once',
    note: 'Basic: how downloads ended and the daily state of the device, without addresses, callers and settings. A cloud that wants none gets none; in simple mode (99) there are none.',
  },
  SluiceEventsFilePaths: {
    ...ours,
    form: { kind: 'choice', choices: yesNo },
    default: 0,
    about: 'whether events tell where on this device files go',
    holds: 'at once',
  },
  SluiceEventsDeviceName: {
    ...ours,
    form: { kind: 'choice', choices: yesNo },
    default: 0,
    about: 'whether events tell the host name of the device',
    holds: 'at once',
  },
} as const satisfies Record<string, PolicySpec>;
