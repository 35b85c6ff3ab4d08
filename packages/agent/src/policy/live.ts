/** A value that may change while it is used. */
export interface Live<T> {
  readonly current: T;
  /** @param fn called after each change. @returns a function that ends it. */
  watch(fn: () => void): () => void;
}
