import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: jobs, with the codes of Delivery Optimization (workflow.md §12 and §13). */
export const jobErrors = {
  JobUnknown: {
    message: 'there is no job {id}',
    remedy: '`GET /v1/jobs` lists yours; one that was finalized or aborted is gone.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02003,
  },
  JobInvalidState: {
    message: 'a job that is {state} cannot {action}',
    remedy:
      'Look at its State first: finalize needs Transferred, most properties Created or Paused.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02013,
  },
  JobNoUri: {
    message: 'the job has no Uri',
    remedy: 'Set Uri before the start.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02200,
  },
  JobNoSink: {
    message: 'the job has no place for the file',
    remedy: 'Set LocalPath before the start.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02018,
  },
  JobUrlUnusable: {
    message: 'nothing can be fetched from the Uri: it names no host and port',
    remedy: 'Check the port in it.',
    exitCode: ExitCode.Usage,
    hresult: 0x800c0002,
  },
  JobTooMany: {
    message: 'there are {limit} jobs already',
    remedy: 'Finalize or abort jobs that are over.',
    exitCode: ExitCode.Busy,
    hresult: 0x8007000e,
  },
  JobNoProgress: {
    message: 'nothing came for {seconds} s',
    remedy: 'Check the source and the network, then resume the job.',
    exitCode: ExitCode.Network,
    hresult: 0x80d02002,
  },
  JobNoNetwork: {
    message: 'this device has no network',
    remedy: 'Nothing to do: the job goes on when there is one.',
    exitCode: ExitCode.Network,
    hresult: 0x80d03805,
  },
  JobNotVerifiable: {
    message: 'there is no hash list to check the content by, and the job wants one',
    remedy: 'Publish the content, give HashOfHashes, or set IntegrityCheckMandatory to false.',
    exitCode: ExitCode.Integrity,
    hresult: 0x80d02016,
  },
  JobRangesInvalid: {
    message: 'the ranges are not valid: {detail}',
    remedy: 'Give Offset and Length in bytes, within the file, none twice.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d05010,
  },
  JobRangesOverlap: {
    message: 'the ranges overlap at byte {offset}',
    remedy: 'Ask for each byte once.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d05012,
  },
  JobRangesUnsupported: {
    message: '{url}: the source serves no parts of a file',
    remedy: 'Start the job without ranges.',
    exitCode: ExitCode.Source,
    hresult: 0x80d05011,
  },
  JobRangesUnexpected: {
    message: 'ranges cannot be given now: {detail}',
    remedy: 'Resume without ranges; give them at the first start, or when the job is Transferred.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02203,
  },
  PropertyUnknown: {
    message: 'there is no property {name}',
    remedy: 'See /v1/openapi.json for those there are.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02011,
  },
  PropertyReadOnly: {
    message: 'the property {name} can only be read',
    remedy: 'Leave it out.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02012,
  },
  PropertyWriteOnly: {
    message: 'the property {name} can only be set',
    remedy: 'It may be a secret: who has set it knows it.',
    exitCode: ExitCode.Usage,
    hresult: 0x80d02015,
  },
  PropertyUnsupported: {
    message: 'the property {name} of Windows has no meaning here',
    remedy: 'Leave it out.',
    exitCode: ExitCode.Usage,
    hresult: 0x80070032,
  },
  PropertyInvalid: {
    message: 'the property {name} cannot be {value}',
    remedy: 'See /v1/openapi.json for what it takes.',
    exitCode: ExitCode.Usage,
    hresult: 0x80070057,
  },
  NotYours: {
    message: 'the agent does not know who asks',
    remedy:
      'Log in as a user of this device (POST /v1/login), as the client of @sluice/agent does.',
    exitCode: ExitCode.Service,
    hresult: 0x80070005,
  },
} as const satisfies Record<string, ErrorEntry>;
