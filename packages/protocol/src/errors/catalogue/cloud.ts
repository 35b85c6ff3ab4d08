import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: cloud, as server. */
export const cloudErrors = {
  RequestInvalid: {
    message: 'the request is not valid: {detail}',
    remedy:
      'See the shapes of the services in the documentation; `sluice` itself sends valid ones.',
    exitCode: ExitCode.Service,
  },
  RequestTooLarge: {
    message: 'the request is too large',
    remedy: 'Bodies of devices may have 32 KiB, of a publish 64 MiB: publish with larger pieces.',
    exitCode: ExitCode.Service,
  },
  NotAuthorized: {
    message: 'the admin token or the login is missing, wrong or has ended',
    remedy:
      'Log in, or send `Authorization: Bearer TOKEN` with an API token or the one in the file admin-token of the cloud’s data directory.',
    exitCode: ExitCode.Service,
  },
  RoleTooLow: {
    message: 'this needs the role {least}; yours is {role}',
    remedy: 'Ask an owner of the cloud for the role, or to do it.',
    exitCode: ExitCode.Service,
  },
  TenantTooSmall: {
    message: 'this concerns the cloud as a whole, and you are an admin of one tenant',
    remedy: 'Ask an admin of the tenant default to do it.',
    exitCode: ExitCode.Service,
  },
  CrossSiteRequest: {
    message: 'a browser sent this from the page of another site, or does not say from where',
    remedy: 'Use the console at the cloud’s own address; programs send an API token, not a cookie.',
    exitCode: ExitCode.Service,
  },
  LoginFailed: {
    message: 'the name or the password is wrong',
    remedy: 'Try again; an owner can set another password with `sluice cloud user set`.',
    exitCode: ExitCode.Service,
  },
  LoginRefused: {
    message: 'the login is not allowed: {detail}',
    remedy: 'Ask an owner of the cloud.',
    exitCode: ExitCode.Service,
  },
  AuditBroken: {
    message: 'the audit log is not as it was written: entry {seq}: {detail}',
    remedy: 'Keep the database as it is, and compare it with a backup.',
    exitCode: ExitCode.Integrity,
  },
  TooManyLogins: {
    message: 'too many attempts to log in',
    remedy: 'Wait as long as Retry-After says. An API token or the admin token works meanwhile.',
    exitCode: ExitCode.Service,
  },
  IdentityProviderFailed: {
    message: 'the identity provider cannot be used: {detail}',
    remedy: 'Check --oidc-issuer, --oidc-client-id and the secret; the log of the cloud says more.',
    exitCode: ExitCode.Service,
  },
  HashConflict: {
    message: '{url} has another hash than was said before for the same state ({validator})',
    remedy:
      'Somebody changed the bytes without changing the ETag, or the hash is wrong: see `sluice cloud log`. A new state needs a new ETag or URL.',
    exitCode: ExitCode.Integrity,
  },
  HashLogBroken: {
    message: 'the log of hash lists is not what it was: {detail}',
    remedy: 'Somebody changed the database of the cloud: trust nothing of it before you know who.',
    exitCode: ExitCode.Integrity,
  },
  IngestNotAllowed: {
    message: 'this cloud does not fetch from {host}: {detail}',
    remedy: 'Start the cloud with --ingest-allow {host} if it may.',
    exitCode: ExitCode.Service,
  },
  IngestTooSlow: {
    message: '{url} sent {bytes} bytes in {seconds} s',
    remedy:
      'It is tried again later. Look at the load of its server, or publish the file with `sluice publish`.',
    exitCode: ExitCode.Source,
  },
  IngestUnsuitable: {
    message: '{url} cannot be taken in: {detail}',
    remedy: 'Publish the file with `sluice publish`, or have its server send an ETag.',
    exitCode: ExitCode.Source,
  },
  TooManyRequests: {
    message: 'too many requests from this address',
    remedy: 'Wait as long as Retry-After says, then go on slower.',
    exitCode: ExitCode.Service,
  },
  NoSuchResource: {
    message: 'there is nothing at this address',
    remedy:
      'Check the path; the services start at /geo, an agent lists its own at /v1/openapi.json.',
    exitCode: ExitCode.Service,
  },
  ListenFailed: {
    message: 'cannot listen on {address}: {detail}',
    remedy: 'Choose another address or port with --listen, or end what uses it.',
    exitCode: ExitCode.Busy,
  },
  DataDirUnusable: {
    message: 'the data in {path} cannot be used: {detail}',
    remedy:
      'Check that the directory is writable by this user and the disk has room, or give another one.',
    exitCode: ExitCode.Disk,
  },
  StoreUnavailable: {
    message: 'the {store} cannot be used: {detail}',
    remedy: 'Check that it runs, and the address and the password in its URL.',
    exitCode: ExitCode.Service,
  },
} as const satisfies Record<string, ErrorEntry>;
