const columns = ['Requests', 'HitBytes', 'ActiveAnswers', 'Connections'] as const;
type Column = (typeof columns)[number];

/** What one thread counts; it alone writes, so plain writes of aligned numbers do. */
export class HotRow {
  readonly #row: Float64Array;

  constructor(shared: SharedArrayBuffer, thread: number) {
    this.#row = new Float64Array(shared, 8 * columns.length * thread, columns.length);
  }

  add(column: Column, by: number): void {
    this.#row[columns.indexOf(column)]! += by;
  }

  /** The thread has ended: what it was at has, too. */
  forgetActive(): void {
    this.#row[columns.indexOf('ActiveAnswers')] = 0;
    this.#row[columns.indexOf('Connections')] = 0;
  }

  get(column: Column): number {
    return this.#row[columns.indexOf(column)]!;
  }
}

/** The counts of all threads that serve what is hot, in memory that they share. */
export class HotCounts {
  readonly shared: SharedArrayBuffer;
  readonly rows: readonly HotRow[];

  constructor(threads: number) {
    const shared = new SharedArrayBuffer(8 * columns.length * threads);
    this.shared = shared;
    this.rows = Array.from({ length: threads }, (_, i) => new HotRow(shared, i));
  }

  sum(column: Column): number {
    return this.rows.reduce((sum, row) => sum + row.get(column), 0);
  }
}
