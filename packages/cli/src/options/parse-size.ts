const multipliers: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
};

/**
 * Reads an amount of bytes: `50GB` (powers of 1000), `64MiB` (powers of 1024), `1g` (as curl and nginx
 * have it: 1024), `4096`, `1.5GiB`. Case does not matter.
 * @returns whole bytes, or undefined when it is no size or beyond 2^53.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?) ?([a-z]{0,3})$/i.exec(text.trim());
  const multiplier = match && multipliers[match[2]!.toLowerCase()];
  if (!multiplier) return undefined;
  const bytes = Math.round(Number(match[1]) * multiplier);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
