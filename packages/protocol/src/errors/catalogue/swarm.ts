import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: swarm protocol. */
export const swarmErrors = {
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
    remedy:
      'It sent several bad pieces, or nothing that was of use. Check that device’s disk and memory.',
    exitCode: ExitCode.Network,
    hresult: 0x80d0680d,
  },
  PeerRestricted: {
    message: 'peer {peer} is ruled out by DORestrictPeerSelectionBy ({restriction})',
    remedy: 'Nothing to do, unless that device should be a peer: then restrict less.',
    exitCode: ExitCode.Network,
  },
  PeersSwitchedOff: {
    message: 'peer {peer} is not wanted: the settings leave this content without peers',
    remedy: 'See `sluice config show` for who set what.',
    exitCode: ExitCode.Network,
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
  PeerRefused: {
    message: 'peer {peer} refused the connection',
    remedy: 'Check that the agent runs on that device and that no firewall there refuses the port.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
  },
  PeerConnectTimeout: {
    message: 'peer {peer} did not answer within {seconds} s',
    remedy:
      'Check that TCP port 7680 is open between the devices: a firewall drops what it blocks.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
  },
  PeerUnreachable: {
    message: 'peer {peer} cannot be reached: {detail}',
    remedy: 'Check the route between the devices.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
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
  PeerNotReading: {
    message: 'peer {peer} does not read what it asks for',
    remedy: 'The peer is dropped; nothing to do.',
    exitCode: ExitCode.Network,
    hresult: 0x80d06811,
  },
} as const satisfies Record<string, ErrorEntry>;
