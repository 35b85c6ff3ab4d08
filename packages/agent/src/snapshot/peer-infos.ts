import type { FilePeers, PeerInfo } from '@sluice/protocol';
import type { Download } from '../download/download.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';

/** The peers of all files, the `count` of each that brought most; those not connected come last. */
export function peerInfos(downloads: Iterable<Download>, count: number): FilePeers[] {
  return [...downloads].map(({ fileId, progress: { shared } }) => ({
    FileId: fileId,
    Peers: shared ? peersOf(shared.swarm).slice(0, count) : [],
  }));
}

function peersOf(swarm: ContentSwarm): PeerInfo[] {
  const connected = [...swarm.members].map(infoOf);
  connected.sort((a, b) => b.BytesReceived - a.BytesReceived);
  const others = swarm.unconnected.map(
    ({ Ip, Type }): PeerInfo => ({
      IP: Ip,
      PeerType: Type,
      ConnectionEstablished: false,
      BytesSent: 0,
      BytesReceived: 0,
      UploadRateBytes: 0,
      DownloadRateBytes: 0,
    }),
  );
  return [...connected, ...others];
}

function infoOf({ connection, peerClass, traffic }: Member): PeerInfo {
  const { up, down } = traffic.rates();
  return {
    IP: connection.address,
    PeerType: peerClass === 'Lan' ? 'LAN' : peerClass,
    ConnectionEstablished: true,
    BytesSent: traffic.sent,
    BytesReceived: traffic.received,
    UploadRateBytes: up,
    DownloadRateBytes: down,
  };
}
