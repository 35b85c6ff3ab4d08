/** A function that has `fn` called soon; many calls in a row are one. */
export function soon(fn: () => void): () => void {
  let isQueued = false;
  return () => {
    if (isQueued) return;
    isQueued = true;
    setImmediate(() => {
      isQueued = false;
      fn();
    });
  };
}
