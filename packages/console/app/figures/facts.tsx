import type { ReactNode } from 'react';

/** Names and what they are, one below the other. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, fact: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, fact]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Figures side by side. */
export function Tiles({
  tiles,
}: {
  tiles: { name: string; figure: ReactNode; hint?: ReactNode }[];
}) {
  return (
    <dl className="tiles">
      {tiles.map(({ name, figure, hint }) => (
        <div key={name} className="tile">
          <dt>{name}</dt>
          <dd>
            {figure}
            {hint !== undefined && <div className="hint">{hint}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
