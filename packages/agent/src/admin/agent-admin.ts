import type { DoctorReport, FilePeers, MonthSnap, PerfSnap } from '@sluice/protocol';
import type { AgentOptions } from '../agent-options.ts';
import type { Parts } from '../agent-parts.ts';
import { systemSpace } from '../cache/disk-space.ts';
import { healthChecks } from '../doctor/health-checks.ts';
import type { Patient } from '../doctor/patient.ts';
import { cacheChecks, peerChecks } from '../doctor/share-checks.ts';
import type { Download } from '../download/download.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { monthSnap } from '../snapshot/month-snap.ts';
import { peerInfos } from '../snapshot/peer-infos.ts';
import { PerfSnaps } from '../snapshot/perf-snap.ts';

/** What the agent itself lends. */
export interface AdminHost {
  downloads: () => Iterable<Download>;
  peerPort: () => number;
  cloud: () => CloudClient | undefined;
}

/** The agent as those who look after it see it: snapshots, peers, examination (admin.md §2–4, §10). */
export class AgentAdmin {
  readonly #options: AgentOptions;
  readonly #parts: Parts;
  readonly #host: AdminHost;
  readonly #snaps: PerfSnaps;

  constructor(options: AgentOptions, parts: Parts, host: AdminHost) {
    this.#options = options;
    this.#parts = parts;
    this.#host = host;
    const { diskSpace: space = systemSpace } = options;
    const { downloads } = host;
    this.#snaps = new PerfSnaps({ ...parts, folder: parts.root, space, downloads });
  }

  perfSnap(): Promise<PerfSnap> {
    return this.#snaps.take();
  }

  monthSnap(): MonthSnap {
    return monthSnap(this.#parts.usage, this.#parts.settings.current);
  }

  /** @param count of each file. */
  peers(count: number): FilePeers[] {
    return peerInfos(this.#host.downloads(), count);
  }

  async examine(): Promise<DoctorReport> {
    const patient = this.#patient();
    const groups = [healthChecks(patient), peerChecks(patient), cacheChecks(patient)];
    const settings = Object.entries(this.#parts.settings.current).map(([name, v]) => [
      name,
      v ?? null,
    ]);
    return { Checks: (await Promise.all(groups)).flat(), Settings: Object.fromEntries(settings) };
  }

  #patient(): Patient {
    const { dataDir, cloudUrl, localDiscovery, listenHost, cacheHosts = [] } = this.#options;
    const { diskSpace: space = systemSpace } = this.#options;
    const { downloads, peerPort, cloud } = this.#host;
    const named = async (signal: AbortSignal) => [
      ...((await cloud()?.cacheHosts(signal))?.hosts ?? []),
    ];
    return {
      ...this.#parts,
      settings: this.#parts.settings.current,
      problems: this.#parts.settings.resolved.problems,
      dataDir,
      folder: this.#parts.root,
      space,
      cloudUrl,
      cacheHosts: async (signal) => (cacheHosts.length > 0 ? cacheHosts : named(signal)),
      askCloud: named,
      findsLocally: localDiscovery !== false,
      listenHost,
      peerPort,
      month: () => this.monthSnap(),
      lastUrl: () => [...downloads()].at(-1)?.publicUrl,
    };
  }
}
