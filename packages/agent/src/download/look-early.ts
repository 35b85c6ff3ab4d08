import { createHttpSource, type SourceFacts } from '../source/index.ts';
import type { Download, DownloadContext } from './download.ts';
import { accessTo } from './http-access.ts';
import type { OriginSource } from './origins.ts';

/** Asked for to learn what the object is: little, since mostly it will be fetched in another way. Bytes. */
const probeBytes = 4_096;

/** The HTTP source, asked what the object is before anybody knows how it will be fetched. */
export interface EarlyLook {
  source: OriginSource;
  /** Undefined when the source gave no answer; why is told when it is asked in earnest. */
  facts: Promise<SourceFacts | undefined>;
  /** Known by now. */
  known(): SourceFacts | undefined;
  close(): Promise<void>;
}

export function lookEarly(
  { request, progress }: Download,
  context: DownloadContext,
  signal: AbortSignal,
): EarlyLook {
  const { clock } = context;
  const { Url: url } = request;
  const access = accessTo(url, request, context);
  const { onFault } = progress.cdnFaults;
  const source = createHttpSource({
    url,
    clock,
    probeBytes,
    onFault,
    span: progress.span,
    ...access,
  }) as OriginSource;
  let known: SourceFacts | undefined;
  const facts = source.open(signal).then(
    (told) => {
      known = told;
      return told;
    },
    () => undefined,
  );
  return { source, facts, known: () => known, close: () => source.close() };
}
