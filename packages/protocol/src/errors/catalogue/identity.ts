import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: who a device is, to the cloud and to its peers. */
export const identityErrors = {
  SessionRequired: {
    message: 'this cloud serves enrolled devices only: {detail}',
    remedy:
      'Enrol the device: `sluice enrol TOKEN`, with a token of `sluice cloud enrolment create`.',
    exitCode: ExitCode.Service,
  },
  EnrolmentRefused: {
    message: 'the enrolment token is not good: unknown, used up, expired or revoked',
    remedy: 'Ask the admin for another one (`sluice cloud enrolment create`).',
    exitCode: ExitCode.Service,
  },
  EnrolmentTokenInvalid: {
    message: 'this is no enrolment token: {detail}',
    remedy: 'Give the whole text that `sluice cloud enrolment create` printed.',
    exitCode: ExitCode.Usage,
  },
  DeviceRefused: {
    message: 'the cloud does not take this device for who it says it is: {detail}',
    remedy: 'If the device was revoked or its key was lost, enrol it anew: `sluice enrol TOKEN`.',
    exitCode: ExitCode.Service,
  },
  ClockSkewed: {
    message: 'the clock of the device is {seconds} s {direction} that of the cloud',
    remedy: 'Set the clock of the device (or of the cloud); five minutes are allowed.',
    exitCode: ExitCode.Service,
  },
  RequestReplayed: {
    message: 'this request was made before',
    remedy:
      'Nothing to do: the device makes a new one. Should it go on, somebody repeats its requests.',
    exitCode: ExitCode.Service,
  },
  PeerIdTaken: {
    message: 'peer id {peer} belongs to another device',
    remedy:
      'Remove the file device-id from the data directory that was copied from another device.',
    exitCode: ExitCode.Service,
  },
  AuthorityMismatch: {
    message: 'the server at {url} does not show the authority that the enrolment token names',
    remedy:
      'Nothing was sent to it. Somebody may sit in between; or the cloud has another authority now: ask for a new token.',
    exitCode: ExitCode.Service,
  },
  NotEnrolled: {
    message: 'this device is not enrolled',
    remedy: 'Enrol it first: `sluice enrol TOKEN`.',
    exitCode: ExitCode.Usage,
  },
  PeerUnproven: {
    message: 'peer {peer} did not prove that it belongs to this organisation: {detail}',
    remedy:
      'Enrol that device with the same cloud and tenant; a moment after a change of keys it passes by itself.',
    exitCode: ExitCode.Network,
  },
} as const satisfies Record<string, ErrorEntry>;
