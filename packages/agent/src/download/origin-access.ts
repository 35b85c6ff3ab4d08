import type { OriginKind } from '@sluice/engine';

type Open = Readonly<Record<OriginKind, boolean>>;

/** Whether HTTP and cache may be asked: not before the start grace is over, nor while a delay policy closes them. */
export class OriginAccess {
  readonly #tell: (kind: OriginKind, allowed: boolean) => void;
  #begun = true;
  #open: Open = { http: true, cache: true };

  constructor(tell: (kind: OriginKind, allowed: boolean) => void) {
    this.#tell = tell;
  }

  /** What the delay policies leave open. */
  get open(): Open {
    return this.#open;
  }

  set open(open: Open) {
    this.#open = open;
    this.#tellAll();
  }

  set begun(begun: boolean) {
    this.#begun = begun;
    this.#tellAll();
  }

  #tellAll(): void {
    for (const kind of ['http', 'cache'] as const)
      this.#tell(kind, this.#begun && this.#open[kind]);
  }
}
