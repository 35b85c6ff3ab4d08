import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: services. */
export const serviceErrors = {
  ServiceUnreachable: {
    message: '{service} at {url} cannot be reached: {detail}',
    remedy: 'Check --cloud and that `sluice cloud` runs there.',
    exitCode: ExitCode.Service,
  },
  ServiceRefused: {
    message: '{service} refused: {status} {detail}',
    remedy: 'See the message; for 401 give the admin token (--token-file or SLUICE_ADMIN_TOKEN).',
    exitCode: ExitCode.Service,
  },
  ServiceInvalidReply: {
    message: '{service} gave an invalid reply: {detail}',
    remedy: 'Check that --cloud names a Sluice cloud and that no captive portal is in between.',
    exitCode: ExitCode.Service,
  },
  ContentUnknown: {
    message: 'the cloud knows no content for {content}',
    remedy: 'Publish it with `sluice publish FILE --url URL --cloud URL`.',
    exitCode: ExitCode.Service,
  },
  NotSigned: {
    message: 'the hash list that the cloud names cannot be trusted: {detail}',
    remedy: 'Have it published with `sluice publish --sign-key`, by a key of --trusted-keys.',
    exitCode: ExitCode.Integrity,
  },
  ContentBlocked: {
    message: 'the cloud has blocked this content: {reason}',
    remedy:
      'Ask who runs the cloud; `sluice cloud content-policy blocks` shows them why and since when.',
    exitCode: ExitCode.Service,
  },
  ContentHttpOnly: {
    message: 'the cloud lets this content come from its source only: {reason}',
    remedy: 'It is neither had from peers nor shared. Ask who runs the cloud.',
    exitCode: ExitCode.Service,
  },
} as const satisfies Record<string, ErrorEntry>;
