import { bucketsMs, type CountedTimes } from './histogram.ts';

/** One line of a metric: what sets it apart from the others of its name, and the value. */
export type Labelled<T> = readonly [labels: Readonly<Record<string, string>>, value: T];

/** The media type of `MetricsText`. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes metrics in Prometheus' text format 0.0.4. */
export class MetricsText {
  readonly #prefix: string;
  readonly #lines: string[] = [];

  /** @param prefix before each name, such as "sluice_cloud_" */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  counter(name: string, help: string, value: number | readonly Labelled<number>[]): void {
    this.#family(name, 'counter', help, value);
  }

  gauge(name: string, help: string, value: number | readonly Labelled<number>[]): void {
    this.#family(name, 'gauge', help, value);
  }

  /** Of times, in seconds. */
  histogram(name: string, help: string, series: readonly Labelled<CountedTimes>[]): void {
    this.#head(name, 'histogram', help);
    for (const [labels, { counts, sum, count }] of series) {
      let below = 0;
      for (const [i, n] of counts.entries()) {
        below += n;
        const le = i < bucketsMs.length ? `${bucketsMs[i]! / 1000}` : '+Inf';
        this.#line(`${name}_bucket`, { ...labels, le }, below);
      }
      this.#line(`${name}_sum`, labels, sum / 1000);
      this.#line(`${name}_count`, labels, count);
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #family(
    name: string,
    type: string,
    help: string,
    value: number | readonly Labelled<number>[],
  ): void {
    this.#head(name, type, help);
    const samples = typeof value === 'number' ? [[{}, value] as const] : value;
    for (const [labels, each] of samples) this.#line(name, labels, each);
  }

  #head(name: string, type: string, help: string): void {
    const full = this.#prefix + name;
    this.#lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`);
  }

  #line(name: string, labels: Labelled<number>[0], value: number): void {
    this.#lines.push(`${this.#prefix}${name}${labelText(labels)} ${value}`);
  }
}

function labelText(labels: Labelled<number>[0]): string {
  const list = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return list.length > 0 ? `{${list.join(',')}}` : '';
}

function escaped(value: string): string {
  return value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
}
