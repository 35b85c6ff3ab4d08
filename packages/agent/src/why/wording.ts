import type { RuledOut } from '@sluice/engine';
import type { DownloadModeName, SluiceError } from '@sluice/protocol';
import type { Finding } from './finding.ts';

/** A finding in words: what was ruled out, if anything, and what people are told at once, if they are. */
interface Words {
  ruledOut?: RuledOut;
  note?: string;
}

type Wording = { [W in Finding['what']]: (finding: Extract<Finding, { what: W }>) => Words };

const wording: Wording = {
  modeWithoutPeers: ({ mode, setBy }) => ({
    ruledOut: {
      rule: 'DODownloadMode',
      limit: 'Lan (1), Group (2) or Internet (3)',
      actual: mode,
      affects: 'download',
      remedy: 'Choose another download mode.',
      ...(setBy === undefined ? {} : { setBy }),
    },
  }),
  gate: ({ refusal }) => {
    const { rule, limit, actual, remedy } = refusal;
    return {
      ruledOut: refusal,
      note: `no peers: ${rule} asks for ${limit}, here: ${actual}. ${remedy}`,
    };
  },
  notAllowed: ({ from, rule }) => ({
    ruledOut: {
      rule: 'ContentPolicy',
      limit: 'a content that the cloud allows from there',
      actual: `not allowed by ${rule}`,
      affects: from,
      remedy: 'Change the rule with `sluice cloud content-policy`.',
      setBy: 'the cloud',
    },
  }),
  noCloud: () => ({
    ruledOut: {
      rule: 'Cloud',
      limit: 'a cloud to find peers with',
      actual: 'none is set',
      affects: 'download',
      remedy: 'Give one with --cloud or SLUICE_CLOUD.',
    },
  }),
  cloudFault: ({ error, ruledOut }) => ({
    note: error.message,
    ...(ruledOut ? { ruledOut: byError('download', error) } : {}),
  }),
  noHashOfHashes: ({ detail }) => ({
    ruledOut: {
      rule: 'HashOfHashes',
      limit: 'one that the cloud or the request gives',
      actual: detail,
      affects: 'download',
      remedy: 'Publish the content with `sluice publish`, or give --hash-of-hashes.',
    },
  }),
  otherHashOfHashes: () => ({
    note: 'the cloud names another HashOfHashes than the one given; the given one is used',
  }),
  hashListFault: ({ place, error }) => {
    const isNamed = error !== undefined && !error.code.startsWith('Phf');
    const note = isNamed ? error.message : `${place}: ${error?.message ?? 'no answer in time'}`;
    const remedy = error?.remedy ?? 'Check that the hash list can be had from there.';
    return {
      note,
      ruledOut: { rule: 'HashList', limit: '', actual: note, affects: 'download', remedy },
    };
  },
  noHashList: () => ({
    note: 'no pieces hash file that verifies: simple mode, HTTP only',
    ruledOut: {
      rule: 'HashList',
      limit: 'a pieces hash file with the right HashOfHashes',
      actual: 'none that verifies',
      affects: 'download',
      remedy:
        'Publish the content again with `sluice publish`, or say where its PHF is with --phf.',
    },
  }),
  cacheRefused: ({ ruledOut }) => ({
    ruledOut,
    note: `no cache host: ${ruledOut.rule} asks for ${ruledOut.limit}, here: ${ruledOut.actual}`,
  }),
  noCacheHost: () => ({
    ruledOut: {
      rule: 'DOCacheHost',
      limit: 'a cache host',
      actual: 'none is known',
      affects: 'cache',
      remedy: 'Give one with --cache-host or SLUICE_CACHE_HOST.',
    },
  }),
  badCacheHost: ({ error }) => ({
    note: `not used: ${error.message}`,
    ruledOut: { ...byError('cache', error), rule: 'DOCacheHost' },
  }),
  cacheHostUnused: ({ host, because }) => {
    const { why, remedy } = typeof because === 'object' ? ofError(because) : cacheFaults[because];
    return {
      note: `the cache host ${host} is not used: ${why}`,
      ruledOut: {
        rule: typeof because === 'object' ? because.code : 'CacheHost',
        limit: '',
        actual: `${host}: ${why}`,
        affects: 'cache',
        remedy,
      },
    };
  },
  gaveUp: ({ kind, label, error }) => ({
    note: `gave up ${label}: ${error.message}`,
    ruledOut: { ...byError(kind, error), actual: `gave it up: ${error.message}` },
  }),
  failing: ({ kind, error }) => ({
    ruledOut: { ...byError(kind, error), actual: `brought nothing: ${error.message}` },
  }),
  arrayFault: ({ error }) => ({ ruledOut: byError('download', error) }),
  noPeers: ({ mode }) => ({
    ruledOut: {
      rule: 'NoPeers',
      limit: 'another device that has the content or fetches it now',
      actual: 'the cloud knows none',
      affects: 'download',
      remedy: noPeersRemedy[mode],
    },
  }),
  peerFault: ({ error }) => ({
    ruledOut: { ...byError('download', error), actual: withoutPeer(error) },
  }),
  peerBanned: ({ because }) => ({
    ruledOut: {
      rule: 'PeerBanned',
      limit: '',
      actual: because === 'badPieces' ? 'it sent several bad pieces' : `it failed: ${because}`,
      affects: 'download',
      remedy: 'Check that device’s disk and memory.',
    },
  }),
  objectChanged: () => ({ note: 'the object at the source changed: started anew' }),
  begunAnew: ({ error }) => ({ note: `${error.message}: begun anew` }),
  oneStream: ({ because }) => ({
    note: `the source ${oneStream[because]}: one stream, not resumable`,
  }),
};

const cacheFaults = {
  silent: {
    why: 'does not answer',
    remedy: 'Check that the cache node runs and is not overloaded.',
  },
  otherVersion: {
    why: 'it has another version',
    remedy: 'Nothing to do: the cache node fetches the new version when its copy has aged.',
  },
};

const noPeersRemedy: Record<DownloadModeName, string> = {
  Lan: 'In mode Lan devices must come to the cloud from one public address: across sites use mode 2 and a group id.',
  Group: 'Give the same --group-id on the devices that are to share.',
  Internet: 'Nothing to do: the next device that fetches it gets it from this one.',
  CdnOnly: 'Choose another download mode.',
  Simple: 'Choose another download mode.',
};

const oneStream = {
  noLength: 'does not tell the length',
  changing: 'changes all the time',
  noVersion: 'names no version of the object',
};

/** Puts a finding into words. */
export function wordsOf<F extends Finding>(finding: F): Words {
  const word = wording[finding.what] as (finding: F) => Words;
  return word(finding);
}

function byError(affects: RuledOut['affects'], error: SluiceError): RuledOut {
  const { code: rule, message: actual, remedy } = error;
  return { rule, limit: '', actual, affects, remedy };
}

function ofError({ message: why, remedy }: SluiceError) {
  return { why, remedy };
}

/** The same for all peers, so that they are told together. */
function withoutPeer({ message, params }: SluiceError): string {
  return params.peer === undefined ? message : message.replace(`peer ${params.peer}`, 'it');
}
