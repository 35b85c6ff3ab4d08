import type { Action, Scheduler } from '@sluice/engine';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';
import { isOnSite } from '../swarm/peer-class.ts';
import { HandicapTeller } from './handicap-teller.ts';
import type { Transfer } from './transfer.ts';

export type PeerAction = Exclude<Action, { type: 'fetch' | 'cancel' | 'giveUp' }>;

export interface SwarmBridge {
  perform(action: PeerAction): void;
  detach(): void;
}

/** Lets the scheduler hear what peers say, and peers what the scheduler says. */
export function bridgeSwarm(
  swarm: ContentSwarm,
  scheduler: Scheduler,
  transfer: Transfer,
): SwarmBridge {
  const byId = new Map<number, Member>();
  const tell = (event: Parameters<Scheduler['handle']>[0]) => {
    // Most of what peers say, that they have one more piece, asks for no decision.
    if (scheduler.handle(event, transfer.now)) transfer.wake();
  };
  // Devices of the site get from us, or do not: both kinds of them by the same rules.
  const tellShares = () => tell({ type: 'selfShares', shares: swarm.uploads.allows('Lan') });
  const unwatchUploads = swarm.uploads.watch(tellShares);
  tellShares();
  const own = new HandicapTeller(swarm, (handicap) => tell({ type: 'handicapKnown', handicap }));
  const tellDuty = () => tell({ type: 'selfFetches', fetches: swarm.duty.fetches });
  const unwatchDuty = swarm.duty.watch(tellDuty);
  tellDuty();
  swarm.watch({
    joined(member) {
      const { id, connection, has, peerClass } = member;
      byId.set(id, member);
      transfer.addPeer(id, connection, { kind: 'peer', peerClass });
      const sameSite = isOnSite(peerClass);
      const sharesWork = sharesWorkOf(member);
      const { peerId, label } = connection;
      const traits = { sameSite, sharesWork, handicap: member.hello?.handicap, peerClass, label };
      tell({ type: 'sourceAdded', source: { id, kind: 'peer', peerId, has, ...traits } });
      if (!member.choked) tell({ type: 'choked', source: id, choked: false });
    },
    left(member) {
      byId.delete(member.id);
      transfer.removePeer(member.id);
      tell({ type: 'sourceGone', source: member.id });
      own.look();
    },
    hello(member) {
      const sharesWork = sharesWorkOf(member);
      const handicap = member.hello?.handicap;
      tell({ type: 'peerShares', source: member.id, sharesWork, handicap });
      const runs = scheduler.currentClaims();
      const mayGet = swarm.uploads.allows(member.peerClass);
      if (runs.length > 0 && mayGet) member.claim('claim', runs, 0);
    },
    answered: () => own.look(),
    has: (member, piece) => tell({ type: 'peerHas', source: member.id, piece }),
    choked: (member, choked) => tell({ type: 'choked', source: member.id, choked }),
    claimed: (member, runs, rate) => tell({ type: 'claimed', source: member.id, runs, rate }),
    released: (member, runs) => tell({ type: 'released', source: member.id, runs }),
    // The hash list is known by now: an answer that comes late is of no use.
    phf: () => {},
  });
  return {
    perform(action) {
      if (action.type === 'claim') swarm.broadcastClaim('claim', action.runs, action.rate);
      else if (action.type === 'release') swarm.broadcastClaim('release', action.runs, 0);
      else if (action.type === 'handicap') own.tell(action.handicap);
      else {
        const member = byId.get(action.source);
        if (!member) return;
        if (action.type === 'ban') swarm.ban(member, action.because);
        else member.connection.send({ type: action.interested ? 'interested' : 'notInterested' });
      }
    },
    detach() {
      unwatchUploads();
      unwatchDuty();
      swarm.watch(undefined);
    },
  };
}

function sharesWorkOf({ hello }: Member): boolean {
  return hello?.mayUseHttp === true && hello.features.includes('claim');
}
