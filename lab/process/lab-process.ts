import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const stopMs = 6_000;
const lineMs = 30_000;
/** Of what a process says on standard error, for the message when it fails. */
const maxErrorText = 4_000;

export interface LabCommand {
  /** The network namespace; that of the lab itself if undefined. */
  namespace?: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** File that gets what it says on standard error. */
  log?: string;
}

/** A process in a network namespace, ended with the lab. Its standard input stays open until then. */
export class LabProcess implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #hasExited = false;
  #errors = '';

  private constructor(name: string, child: ChildProcess, log: string | undefined) {
    this.name = name;
    this.#child = child;
    this.#exited = new Promise((resolve) =>
      child.once('close', (code) => {
        this.#hasExited = true;
        this.#tell();
        resolve(code);
      }),
    );
    createInterface(child.stdout!).on('line', (line) => {
      this.#lines.push(line);
      this.#tell();
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-maxErrorText);
    });
    if (log) child.stderr!.pipe(createWriteStream(log, { flags: 'a' }));
    child.stdin!.on('error', () => {
      // It ended while something was written to it; whoever waits for its answer hears of the end.
    });
  }

  static async start(options: LabCommand): Promise<LabProcess> {
    const { namespace, command, args } = options;
    // `ip netns exec` becomes the command: the pid is that of the command itself.
    const [file, ...rest] = namespace
      ? ['ip', 'netns', 'exec', namespace, command, ...args]
      : [command, ...args];
    const child = spawn(file!, rest, {
      // A group of its own: Ctrl-C is for the lab, which then ends everything in order.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return new LabProcess(command, child, options.log);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /**
   * Waits for a line on standard output; lines before it are dropped.
   * @throws Error when it ends without or takes too long, or the reason of `signal`.
   */
  async line(
    matches: (line: string) => boolean,
    { signal, limitMs = lineMs }: { signal?: AbortSignal; limitMs?: number } = {},
  ): Promise<string> {
    const timeout = AbortSignal.timeout(limitMs);
    const limit = signal ? AbortSignal.any([signal, timeout]) : timeout;
    for (;;) {
      signal?.throwIfAborted();
      while (this.#lines.length > 0) {
        const line = this.#lines.shift()!;
        if (matches(line)) return line;
        // Some tell their errors there.
        this.#errors = `${this.#errors}${line}\n`.slice(-maxErrorText);
      }
      if (this.#hasExited) throw new Error(`${this.name} ended: ${this.#errors.trim()}`);
      if (limit.aborted) throw new Error(`${this.name} says nothing: ${this.#errors.trim()}`);
      await this.#change(limit);
    }
  }

  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Waits for its end. @throws Error when it fails, or the reason of `signal`. */
  async succeeded(signal: AbortSignal): Promise<void> {
    while (!this.#hasExited) {
      signal.throwIfAborted();
      await this.#change(signal);
    }
    const code = await this.#exited;
    if (code !== 0) throw new Error(`${this.name} ended with ${code}: ${this.#errors.trim()}`);
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#hasExited) this.#child.kill(name);
  }

  /** Asks it to stop, and ends it with its children if it does not. */
  async stop(): Promise<void> {
    if (this.#hasExited) return;
    this.#child.stdin!.end();
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#killGroup(), stopMs);
    await this.#exited;
    clearTimeout(limit);
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    if (!this.#hasExited) this.#killGroup();
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #killGroup(): void {
    process.kill(-this.pid, 'SIGKILL');
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
