import { bytesText, percentText } from './format.ts';

/** Bytes by kind of source. `BytesFrom…` names of status and reports are mapped to these by who has them. */
export interface SourceBytes {
  http: number;
  cache: number;
  lan: number;
  group: number;
  internet: number;
}

export type SourceKind = keyof SourceBytes;

export const sourceKinds: readonly { kind: SourceKind; name: string }[] = [
  { kind: 'http', name: 'HTTP source' },
  { kind: 'cache', name: 'Cache node' },
  { kind: 'lan', name: 'LAN peers' },
  { kind: 'group', name: 'Group peers' },
  { kind: 'internet', name: 'Internet peers' },
];

export function totalOf(bytes: SourceBytes): number {
  return sourceKinds.reduce((sum, { kind }) => sum + bytes[kind], 0);
}

/** Not over HTTP from the source: what peers and the cache saved. */
export function savedOf(bytes: SourceBytes): number {
  return totalOf(bytes) - bytes.http;
}

/** How much came from where, as one bar. @param names whether to write them below */
export function ShareBar({ bytes, names = false }: { bytes: SourceBytes; names?: boolean }) {
  const total = totalOf(bytes);
  const parts = sourceKinds.filter(({ kind }) => bytes[kind] > 0);
  const text = parts
    .map(({ kind, name }) => `${name} ${percentText(bytes[kind], total)}`)
    .join(', ');
  return (
    <div className="shares">
      <svg
        className="share-bar"
        role="img"
        aria-label={text || 'nothing yet'}
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
      >
        {parts.map(({ kind }, i) => (
          <rect
            key={kind}
            className={`fill-${kind}`}
            x={before(bytes, parts.slice(0, i), total)}
            width={(100 * bytes[kind]) / total}
            height={1}
          />
        ))}
      </svg>
      {names && (
        <ul className="legend">
          {parts.map(({ kind, name }) => (
            <li key={kind}>
              <Swatch kind={kind} /> {name} <strong>{bytesText(bytes[kind])}</strong>{' '}
              {percentText(bytes[kind], total)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Swatch({ kind }: { kind: SourceKind }) {
  return (
    <svg className="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect className={`fill-${kind}`} width="10" height="10" rx="2" />
    </svg>
  );
}

function before(bytes: SourceBytes, parts: readonly { kind: SourceKind }[], total: number): number {
  return parts.reduce((sum, { kind }) => sum + (100 * bytes[kind]) / total, 0);
}
