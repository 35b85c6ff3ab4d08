import { percentText } from './format.ts';

/** How much of the whole is there. @param whole null: nobody knows */
export function ProgressBar({
  label,
  done,
  whole,
}: {
  label: string;
  done: number;
  whole: number | null;
}) {
  if (whole === null) return <span className="hint">size unknown</span>;
  return (
    <span className="progress">
      <progress aria-label={label} value={done} max={Math.max(1, whole)} />
      <span className="figure">{whole === 0 ? '100 %' : percentText(done, whole)}</span>
    </span>
  );
}
