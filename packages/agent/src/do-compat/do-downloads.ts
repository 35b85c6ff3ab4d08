import { checkUri } from './check-uri.ts';
import { DoDownload, type DoSurroundings } from './do-download.ts';
import { DoError, hresults } from './do-error.ts';
import { formatValues } from './format-reply.ts';
import { type Call, type Method, type Params, paramNamed } from './parse-call.ts';

/** Nobody is known by name, so all share it: a client that never ends its downloads fills it. */
const maxDownloads = 10_000;
/** When it is full, what does not run and nobody has asked about for so long is forgotten, ms. */
const forgottenMs = 3_600_000;

/** The downloads of Microsoft's clients, and what they may ask of them (do-client-contract.md §3). */
export class DoDownloads {
  readonly #around: DoSurroundings;
  readonly #max: number;
  /** What was asked about last comes last. */
  readonly #downloads = new Map<string, DoDownload>();

  constructor(around: DoSurroundings, max = maxDownloads) {
    this.#around = around;
    this.#max = max;
  }

  /** @returns the body of the reply. @throws DoError and SluiceErrors: see `errorReply`. */
  async answer({ method, params }: Call): Promise<string> {
    return formatValues(await this.#methods[method](params));
  }

  /** Ends all; their files stay as they are. */
  async close(): Promise<void> {
    await Promise.all([...this.#downloads.values()].map((d) => d.close()));
  }

  readonly #methods: Record<
    Method,
    (params: Params) => Record<string, string> | Promise<Record<string, string>>
  > = {
    create: ({ Uri = '', DownloadFilePath = '' }) => {
      if (Uri !== '') checkUri(Uri);
      if (this.#downloads.size >= this.#max) this.#makeRoom();
      const download = new DoDownload(Uri, DownloadFilePath, this.#around);
      this.#downloads.set(download.id, download);
      return { Id: download.id };
    },
    start: (params) => {
      this.#find(params).start();
      return {};
    },
    pause: async (params) => {
      await this.#find(params).pause();
      return {};
    },
    finalize: (params) => {
      const download = this.#find(params);
      download.finalize();
      this.#downloads.delete(download.id);
      return {};
    },
    abort: async (params) => {
      const download = this.#find(params);
      // Gone for everybody from here on, however long its connections take to end.
      this.#downloads.delete(download.id);
      await download.abort();
      return {};
    },
    getstatus: (params) => this.#find(params).status(),
    getproperty: (params) => {
      const { PropertyKey = '' } = params;
      if (PropertyKey === '') throw new DoError(hresults.invalidArgument, 'no PropertyKey');
      const name = paramNamed(PropertyKey);
      if (!name || name === 'PropertyKey') {
        throw new DoError(hresults.unknownProperty, `no property ${PropertyKey}`);
      }
      const { id, uri, path } = this.#find(params);
      const values = { Id: id, Uri: uri, DownloadFilePath: path, NoProgressTimeoutSeconds: '0' };
      return { [PropertyKey]: values[name] };
    },
    // Names count as properties, Id first, which cannot be set: so nothing ever can. As it is there.
    setproperty: ({ Id, PropertyKey, ...properties }) => {
      if (Id !== undefined) throw new DoError(hresults.readOnlyProperty, 'Id cannot be set');
      if (PropertyKey !== undefined) {
        throw new DoError(hresults.unknownProperty, 'PropertyKey is no property');
      }
      if (Object.keys(properties).length > 0) throw new DoError(hresults.notSet, 'no Id');
      return {};
    },
    enumerate: () => {
      throw new DoError(hresults.notImplemented, 'enumerate is not implemented');
    },
  };

  #find({ Id = '' }: Params): DoDownload {
    const download = this.#downloads.get(Id);
    if (!download) throw new DoError(hresults.notSet, `no download ${Id}`);
    download.askedAt = this.#around.clock.now();
    this.#downloads.delete(Id);
    this.#downloads.set(Id, download);
    return download;
  }

  /** Its file stays as it is, as after a restart. @throws DoError outOfMemory */
  #makeRoom(): void {
    const before = this.#around.clock.now() - forgottenMs;
    for (const [id, download] of this.#downloads) {
      if (download.askedAt > before) break;
      if (download.isRunning) continue;
      this.#downloads.delete(id);
      return;
    }
    throw new DoError(hresults.outOfMemory, 'too many downloads');
  }
}
