/**
 * The one catalogue of errors. Callers switch on the code, never on the text.
 * `message` is a template: `{name}` is replaced by the parameter of that name.
 * `hresult` is Delivery Optimization's code where it has one (reference: wire.md §2, workflow.md §2 and §6).
 */

/** Exit codes of the `sluice` command, one per class of error. */
export const ExitCode = {
  Ok: 0,
  /** The command ran, the answer is no (a check that failed, an unexpected fault). */
  Failed: 1,
  /** Wrong flags or arguments. */
  Usage: 2,
  /** A host could not be reached, or the connection broke or stalled. */
  Network: 3,
  /** The source answered, but refuses or cannot serve the content. */
  Source: 4,
  /** Bytes or a hash list did not match what was promised. */
  Integrity: 5,
  /** The local disk: full, unwritable, unreadable. */
  Disk: 6,
  /** Something else holds it: a port, a lock, another download. */
  Busy: 7,
  /** A Sluice service or the local agent refused or answered nonsense. */
  Service: 8,
  /** Ended by Ctrl-C; 128 + SIGINT, as shells have it. */
  Cancelled: 130,
} as const;

export interface ErrorEntry {
  message: string;
  /** What the user can do about it. */
  remedy: string;
  exitCode: number;
  hresult?: number;
}

export const errorCatalogue = {
  // general
  Internal: {
    message: 'internal fault: {detail}',
    remedy: 'Please report this with the log of the run (--log-level debug).',
    exitCode: ExitCode.Failed,
  },
  InvalidArgument: {
    message: '{name}: {detail}',
    remedy: 'See --help for what is accepted.',
    exitCode: ExitCode.Usage,
  },
  Cancelled: {
    message: 'cancelled',
    remedy: 'Run the same command again: a download goes on where it stopped.',
    exitCode: ExitCode.Cancelled,
  },

  // pieces hash file
  PhfInvalid: {
    message: 'the pieces hash file is malformed: {detail}',
    remedy: 'Create it again with `sluice phf create`, or check that the URL serves a PHF.',
    exitCode: ExitCode.Integrity,
  },
  PhfMismatch: {
    message: 'the pieces hash file has HashOfHashes {actual}, trusted is {expected}',
    remedy:
      'The hash list is not the one that was published: publish it again or fix the given hash.',
    exitCode: ExitCode.Integrity,
    hresult: 0x80d02017,
  },
  PhfVersion: {
    message: 'the pieces hash file has {key} {value}, only {known} is known',
    remedy: 'Update Sluice, or create the file again with `sluice phf create`.',
    exitCode: ExitCode.Integrity,
  },
  PhfTooLarge: {
    message: 'the pieces hash file is too large: {detail}',
    remedy: 'Publish the content with a larger piece size.',
    exitCode: ExitCode.Integrity,
  },

  // swarm protocol
  InvalidMessage: {
    message: 'peer sent an invalid message: {detail}',
    remedy: 'The peer is dropped; nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06816,
  },
  MessageTooLong: {
    message: 'peer sent a message of {length} bytes, the limit is {limit}',
    remedy: 'The peer is dropped; nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06815,
  },
  UnknownSwarm: {
    message: 'unknown swarm',
    remedy: 'The peer asked for content that is not here; nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06812,
  },
  PeerBanned: {
    message: 'peer {peer} is banned for this download',
    remedy: 'It sent several bad pieces. Check that device’s disk and memory.',
    exitCode: ExitCode.Network,
    hresult: 0x80d0680d,
  },
  PeerIsSelf: {
    message: 'connection to self',
    remedy: 'Nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d0680e,
  },
  PeerAlreadyConnected: {
    message: 'peer {peer} is already connected',
    remedy: 'Nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d0680f,
  },
  PeerLimit: {
    message: 'no room for more peer connections',
    remedy: 'Nothing to do; others serve.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06810,
  },
  PeerLost: {
    message: 'connection to peer {peer} was lost: {detail}',
    remedy: 'Check that TCP port 7680 is open between the devices.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
  },
  PeerStalled: {
    message: 'peer {peer} sent nothing for {seconds} s',
    remedy: 'Nothing to do; its pieces come from elsewhere.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
  },

  // HTTP source and cache host
  SourceDnsFailed: {
    message: '{url}: the host name cannot be resolved ({detail})',
    remedy: 'Check the spelling of the host and this device’s DNS.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee7,
  },
  SourceRefused: {
    message: '{url}: the connection was refused',
    remedy: 'Check the port, and that the server runs and no firewall refuses it.',
    exitCode: ExitCode.Network,
    hresult: 0x80072efd,
  },
  SourceUnreachable: {
    message: '{url}: the host cannot be reached ({detail})',
    remedy: 'Check the network of this device and the route to the host.',
    exitCode: ExitCode.Network,
    hresult: 0x80072efd,
  },
  SourceConnectTimeout: {
    message: '{url}: connecting took too long ({detail})',
    remedy: 'Check that the host is up and no firewall drops the connection.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee2,
  },
  SourceReset: {
    message: '{url}: the connection was lost ({detail})',
    remedy: 'Try again; if it happens again, look at the server’s log and at proxies in between.',
    exitCode: ExitCode.Network,
    hresult: 0x80072eff,
  },
  SourceTlsFailed: {
    message: '{url}: no secure connection: {detail}',
    remedy: 'Check the server’s certificate and this device’s clock.',
    exitCode: ExitCode.Network,
    hresult: 0x80072f7d,
  },
  SourceStalled: {
    message: '{url}: nothing came for {seconds} s: {detail}',
    remedy: 'Try again; if it happens again, look at the load of the server and the link.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee2,
  },
  SourceTruncated: {
    message: '{url}: the answer was cut off: {detail}',
    remedy: 'Try again; if it happens again, look at the server’s log and at proxies in between.',
    exitCode: ExitCode.Network,
    hresult: 0x80072eff,
  },
  SourceMalformed: {
    message: '{url}: the answer is not valid HTTP: {detail}',
    remedy: 'Check that the URL names a web server; a proxy in between may also spoil answers.',
    exitCode: ExitCode.Source,
    hresult: 0x80072f78,
  },
  SourceUnauthorized: {
    message: '{url}: the source wants credentials (401)',
    remedy: 'Give a user name and password in the URL, or a URL that is open to this device.',
    exitCode: ExitCode.Source,
    hresult: 0x80190191,
  },
  SourceForbidden: {
    message: '{url}: the source forbids it (403)',
    remedy: 'Check the rights on the server; a signed URL may have expired.',
    exitCode: ExitCode.Source,
    hresult: 0x80190193,
  },
  SourceNotFound: {
    message: '{url}: not found at the source (404)',
    remedy: 'Check the URL.',
    exitCode: ExitCode.Source,
    hresult: 0x80190194,
  },
  SourceGone: {
    message: '{url}: no longer at the source (410)',
    remedy: 'Ask the publisher for the new URL.',
    exitCode: ExitCode.Source,
    hresult: 0x80190194,
  },
  SourceThrottled: {
    message: '{url}: the source wants fewer requests (429)',
    remedy: 'Wait a while and try again.',
    exitCode: ExitCode.Source,
    hresult: 0x80190001,
  },
  SourceServerError: {
    message: '{url}: the source failed ({status})',
    remedy: 'Try again later; the server’s log has the reason.',
    exitCode: ExitCode.Source,
    hresult: 0x801901f4,
  },
  SourceStatus: {
    message: '{url}: the source answered {status}',
    remedy: 'Check the URL and the server’s log.',
    exitCode: ExitCode.Source,
    hresult: 0x80190001,
  },
  SourceRedirectLoop: {
    message: '{url}: the source redirects in a circle',
    remedy: 'Check the URL and the redirects of the server.',
    exitCode: ExitCode.Source,
    hresult: 0xc0d0002f,
  },
  SourceTooManyRedirects: {
    message: '{url}: more than {limit} redirects',
    remedy: 'Check the URL and the redirects of the server.',
    exitCode: ExitCode.Source,
    hresult: 0xc0d0002f,
  },
  SourceRedirectRefused: {
    message: '{url}: the redirect to {target} is not followed: it {detail}',
    remedy: 'Use the URL it leads to, if you trust it.',
    exitCode: ExitCode.Source,
    hresult: 0x80190003,
  },
  SourceEncoded: {
    message: '{url}: the source sends the content {encoding}-encoded',
    remedy: 'Turn off compression for this content at the server or proxy.',
    exitCode: ExitCode.Source,
  },
  SourceNoRanges: {
    message: '{url}: the source serves no ranges, only the whole',
    remedy: 'Nothing to do; the whole is fetched in one stream.',
    exitCode: ExitCode.Source,
  },
  SourceChanged: {
    message: '{url}: the content changed at the source: {detail}',
    remedy: 'Run it again: the new content is fetched from the start.',
    exitCode: ExitCode.Source,
  },
  SourceShort: {
    message: '{url}: the content ends at byte {contentLength}, asked for up to byte {end}',
    remedy: 'Check that the pieces hash file and the URL belong to the same content.',
    exitCode: ExitCode.Source,
  },
  SourceClosed: {
    message: '{url}: closed',
    remedy: 'Nothing to do; the download has ended.',
    exitCode: ExitCode.Failed,
  },

  // disk
  DiskFull: {
    message: 'the disk that holds {path} is full: {detail}',
    remedy:
      'Free some space or choose another place (--data-dir, -o), then run it again: it goes on where it stopped.',
    exitCode: ExitCode.Disk,
    hresult: 0x80070070,
  },
  DiskUnwritable: {
    message: '{path} cannot be written: {detail}',
    remedy:
      'Check its permissions and that its file system is not read-only, or give another --data-dir.',
    exitCode: ExitCode.Disk,
    hresult: 0x80070005,
  },
  DiskFailed: {
    message: 'the disk failed at {path}: {detail}',
    remedy: 'Look into the system log and check the health of the disk.',
    exitCode: ExitCode.Disk,
    hresult: 0x8007045d,
  },
  TargetUnwritable: {
    message: 'the target {path} cannot be written: {detail}',
    remedy: 'Create the folder, fix its permissions, or name another target (-o FILE).',
    exitCode: ExitCode.Disk,
    hresult: 0x80070005,
  },
  FileUnreadable: {
    message: '{path} cannot be read: {detail}',
    remedy: 'Check the name of the file and its permissions.',
    exitCode: ExitCode.Disk,
  },
  FileChanged: {
    message: '{path} changed while it was read',
    remedy: 'Run it again when nothing writes to the file any more.',
    exitCode: ExitCode.Integrity,
  },

  // content store
  ContentBusy: {
    message: '{key} is in use by {owner}',
    remedy: 'Wait until it ends, or give another --data-dir.',
    exitCode: ExitCode.Busy,
  },
  ContentChanged: {
    message: 'the stored bytes of {key} are no longer those that were downloaded: {detail}',
    remedy: 'Download it again: the stored copy is dropped.',
    exitCode: ExitCode.Integrity,
  },
  StoreClosed: {
    message: 'the stored copy of {key} is closed',
    remedy: 'Nothing to do; the download has ended.',
    exitCode: ExitCode.Failed,
  },
  PieceWorkerLost: {
    message: 'the thread that writes pieces to disk ended: {detail}',
    remedy: 'The pieces in flight are fetched again; if it happens again, look at free memory.',
    exitCode: ExitCode.Disk,
  },

  // download
  NoSourceLeft: {
    message: 'no source is left that could bring the rest',
    remedy: 'Check the URL and the network, then run the same command again: it resumes.',
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
    remedy: 'See `GET /v1/status` for those there are.',
    exitCode: ExitCode.Usage,
  },

  // services
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

  // cloud, as server
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
    message: 'the admin token is missing or wrong',
    remedy:
      'Send `Authorization: Bearer TOKEN`. The token is in the file admin-token of the cloud’s data directory.',
    exitCode: ExitCode.Service,
  },
  TooManyRequests: {
    message: 'too many requests from this address',
    remedy: 'Wait as long as Retry-After says, then go on slower.',
    exitCode: ExitCode.Service,
  },
  NoSuchResource: {
    message: 'there is nothing at this address',
    remedy: 'Check the path; the services start at /geo.',
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

  // cache node
  CacheRequestInvalid: {
    message: 'this is not a request for a cache node: {detail}',
    remedy:
      'Ask as GET /path?query&cacheHostOrigin=host[:port], or GET /path with the source as Host.',
    exitCode: ExitCode.Service,
  },
  CacheHostNotAllowed: {
    message: 'this cache node does not fetch from {host}',
    remedy: 'Start the cache node with --allow {host}, or fetch from that host directly.',
    exitCode: ExitCode.Service,
  },
  CacheAddressNotAllowed: {
    message: '{host} is at {address}, which is not a public address',
    remedy: 'Start the cache node with --allow {host} if it may fetch from this host.',
    exitCode: ExitCode.Service,
  },
  CacheLoop: {
    message: 'the request has been at this cache node before',
    remedy: 'Take the cache node off its own list of sources, or break the ring of cache nodes.',
    exitCode: ExitCode.Service,
  },
  CacheSourceFailed: {
    message: 'fetching from {host} failed: {detail}',
    remedy: 'Check that the source is up and that this cache node can reach it.',
    exitCode: ExitCode.Network,
  },
  CacheSourceStalled: {
    message: '{host} does not answer or stopped sending: {detail}',
    remedy: 'Check that the source is up and the link to it; try again later.',
    exitCode: ExitCode.Network,
  },
  CacheSourceRefused: {
    message: '{host} answered {status}',
    remedy: 'Check the URL and the log of the source.',
    exitCode: ExitCode.Source,
  },
  CacheSourceInvalid: {
    message: '{host} gave an answer that cannot be used: {detail}',
    remedy: 'Look into the configuration of the source; fetch from it directly meanwhile.',
    exitCode: ExitCode.Source,
  },
  CacheObjectChanged: {
    message: '{url} changed at the source while it was fetched',
    remedy: 'Ask again: the new state is fetched from the start.',
    exitCode: ExitCode.Source,
  },
  CacheBusy: {
    message: 'the cache in {path} is in use by another cache node',
    remedy: 'End the other node, or give this one another --cache-dir.',
    exitCode: ExitCode.Busy,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
