import type { MultiBar, SingleBar } from 'cli-progress';
import type { Paint } from './colour.ts';
import { type ProgressView, progressLine } from './progress-line.ts';
import { sumViews } from './sum-views.ts';

/** Bars on a terminal; or, where none are wanted, nothing but the lines of `log`. */
export interface ProgressDisplay {
  /** Shows `view` in the bar named `label`, which appears with its first update. */
  update(view: ProgressView, label?: string): void;
  /** Writes a line above the bars. */
  log(line: string): void;
  /** Draws the last state and leaves it there. No more calls then. */
  stop(): void;
}

export interface DisplayOptions {
  stream: NodeJS.WriteStream;
  paint: Paint;
  /** False for `--quiet` and `--json`: neither bars nor lines. */
  wanted: boolean;
}

/** Bars need a terminal that can move its cursor. */
export async function openProgress(options: DisplayOptions): Promise<ProgressDisplay> {
  const { stream, wanted } = options;
  if (!wanted || stream.isTTY !== true || process.env.TERM === 'dumb') {
    return {
      update: () => {},
      log: (line) => {
        if (wanted) stream.write(`${line}\n`);
      },
      stop: () => {},
    };
  }
  const { default: cliProgress } = await import('cli-progress');
  return new BarDisplay(options, cliProgress.MultiBar);
}

/** Of the last line; labels of callers are no control characters. */
const othersKey = '\0';

class BarDisplay implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  readonly #bars: MultiBar;
  /** From the top to the bottom. */
  readonly #lines = new Map<string, { bar: SingleBar; label: string; view: ProgressView }>();
  /** What has no line of its own, shown as one in the last line. */
  readonly #others = new Map<string, ProgressView>();
  readonly #maxLines: number;
  readonly #restore = () => this.stop();
  #stopped = false;

  constructor({ stream, paint }: DisplayOptions, Bars: typeof MultiBar) {
    this.#stream = stream;
    this.#paint = paint;
    this.#bars = new Bars({
      stream,
      fps: 8,
      // Else a bar that did not change is not drawn again where a logged line pushed it to.
      forceRedraw: true,
      // Drawn by `stop` itself: the library cuts the last state in the middle of a colour.
      clearOnComplete: true,
      format: (_options, _params, { view, label }) => this.#draw(view, label),
    });
    // Bars beyond the height of the screen would scroll it at every redraw.
    this.#maxLines = Math.max(2, (stream.rows || 24) - 2);
    // Bars switch off the terminal's line wrapping: it must come back however the process ends.
    process.once('exit', this.#restore);
  }

  update(view: ProgressView, label = ''): void {
    if (this.#stopped) return;
    if (this.#lines.has(label) || this.#lines.size < this.#maxLines - 1) {
      this.#updateLine(label, label, view);
      return;
    }
    this.#others.set(label, view);
    const sum = sumViews([...this.#others.values()]);
    this.#updateLine(othersKey, `and ${this.#others.size} more`, sum);
  }

  log(line: string): void {
    if (this.#lines.size === 0) this.#stream.write(`${line}\n`);
    else this.#bars.log(`${line}\n`);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    process.off('exit', this.#restore);
    if (this.#lines.size === 0) return;
    this.#bars.update(); // So that nothing logged since the last redraw is lost.
    this.#bars.stop();
    for (const { label, view } of this.#lines.values()) {
      this.#stream.write(`${this.#draw(view, label)}\n`);
    }
  }

  #updateLine(key: string, label: string, view: ProgressView): void {
    const bar = this.#lines.get(key)?.bar ?? this.#bars.create(1, 0, { label, view });
    bar.update({ label, view });
    this.#lines.set(key, { bar, label, view });
  }

  #draw(view: ProgressView, label: string): string {
    // One column stays free: some terminals wrap when the last one is written.
    return progressLine(view, (this.#stream.columns || 80) - 1, this.#paint, label);
  }
}
