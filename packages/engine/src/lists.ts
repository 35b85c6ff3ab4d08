/** As `splice`, which makes an array of what it removes. */
export function removeAt<T>(list: T[], at: number): void {
  for (let k = at + 1; k < list.length; k++) list[k - 1] = list[k]!;
  list.pop();
}

/** Takes it out, wherever it is. @returns whether it was there. */
export function take<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at >= 0) removeAt(list, at);
  return at >= 0;
}
