/** Text as it stands in HTML, in and out of attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const width = 720;
const height = 120;

/** One line of a plot. */
export interface Line {
  label: string;
  className: string;
  values: readonly number[];
}

/** A plot as SVG: all lines to one scale from 0, the oldest value left. @param unit of the values */
export function plot(title: string, unit: string, lines: readonly Line[]): string {
  const top = Math.max(1e-9, ...lines.flatMap(({ values }) => values));
  const paths = lines.map(({ className, values }) => {
    const step = width / Math.max(1, values.length - 1);
    const points = values.map(
      (v, i) => `${(i * step).toFixed(1)},${(height - (v / top) * (height - 4)).toFixed(1)}`,
    );
    return `<polyline class="${escaped(className)}" points="${points.join(' ')}"/>`;
  });
  const legend = lines
    .map(({ label, className }) => `<b class="${escaped(className)}">${escaped(label)}</b>`)
    .join(' ');
  const most = `${top < 0.01 ? 0 : Number(top.toPrecision(3))} ${unit}`;
  return `<figure><figcaption>${escaped(title)}: ${legend} <i>top ${escaped(most)}</i></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${paths.join('')}</svg></figure>`;
}

/** A table; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head, 'th')}${body.map((row) => line(row, 'td')).join('')}</table>`;
}
