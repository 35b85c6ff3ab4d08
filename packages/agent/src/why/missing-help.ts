import type { RuleBookEntry, SourceView } from '@sluice/engine';
import type { DownloadProgress } from '../download/download-progress.ts';
import type { Finding } from './finding.ts';
import { wordsOf } from './wording.ts';

/**
 * What did not help, as things are now: origins that only fail, an array that does not answer or names
 * nobody, peers that were found and are not connected.
 */
export function missingHelp(
  { transfer, peersOf, mode }: DownloadProgress,
  sources: readonly SourceView[],
): RuleBookEntry[] {
  const findings: Finding[] = [];
  for (const f of transfer?.sources().failing ?? []) findings.push({ what: 'failing', ...f });
  const refused = peersOf?.swarm.refusals.entries() ?? [];
  const isAnybody =
    refused.length > 0 || sources.some((s) => s.from !== 'http' && s.from !== 'cache');
  if (peersOf?.arrayFault) findings.push({ what: 'arrayFault', error: peersOf.arrayFault });
  else if (peersOf?.mostNamed === 0 && !isAnybody) findings.push({ what: 'noPeers', mode });
  return [...findings.flatMap(entryOf), ...refused];
}

function entryOf(finding: Finding): RuleBookEntry[] {
  const { ruledOut } = wordsOf(finding);
  return ruledOut ? [{ ruledOut, count: 1, subjects: [] }] : [];
}
