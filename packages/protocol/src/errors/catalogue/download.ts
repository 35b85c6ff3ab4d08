import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: download. */
export const downloadErrors = {
  NoSourceLeft: {
    message: 'no source is left that could bring the rest',
    remedy: 'Check the URL and the network, then run the same command again: it resumes.',
    exitCode: ExitCode.Network,
  },
  OnlyHttpLeft: {
    message:
      'the cloud does not allow this content to come by HTTP, and no peer or cache host has it',
    remedy:
      'Run the same command again when a device or a cache host has it: it resumes. Or allow HTTP: `sluice cloud content-policy show` has the rules.',
    exitCode: ExitCode.Network,
  },
  SourceCorrupt: {
    message: '{url} sent pieces that do not match the hash list',
    remedy: 'The object at the source is not the one that was published: publish it again.',
    exitCode: ExitCode.Integrity,
  },
  Sha256Mismatch: {
    message: 'the file has SHA-256 {actual}, expected is {expected}',
    remedy: 'The source has another file, or the given --sha256 is wrong. Nothing was kept.',
    exitCode: ExitCode.Integrity,
  },
  AgentRunning: {
    message: 'an agent runs already in {dataDir}',
    remedy: 'Use that one, or give another --data-dir.',
    exitCode: ExitCode.Busy,
  },
  NoAgent: {
    message: 'no agent runs in {dataDir}',
    remedy: 'Start it with `sluice agent --data-dir {dataDir}`.',
    exitCode: ExitCode.Service,
  },
  AgentLost: {
    message: 'the agent in {dataDir} does not answer any more: {detail}',
    remedy: 'Start it with `sluice agent --data-dir {dataDir}`: its downloads go on.',
    exitCode: ExitCode.Service,
  },
  DemoServerFailed: {
    message: '`{command}` did not start: {detail}',
    remedy: 'Try that command by itself; see --log-level.',
    exitCode: ExitCode.Failed,
  },
  DemoDeviceFailed: {
    message: 'a device of the demo failed: {detail}',
    remedy: 'Run it again with --keep and look into the folder it names.',
    exitCode: ExitCode.Failed,
  },
  DownloadUnknown: {
    message: 'there is no download {id}',
    remedy:
      'Check the URL or id, and --data-dir: another agent may have it. `sluice status` lists those there are.',
    exitCode: ExitCode.Usage,
  },
  DownloadOver: {
    message: 'the download {id} has ended: it is {state}',
    remedy: 'Nothing is left to do for it. Start it anew to have the file once more.',
    exitCode: ExitCode.Usage,
  },
} as const satisfies Record<string, ErrorEntry>;
