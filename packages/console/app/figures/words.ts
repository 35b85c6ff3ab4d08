/** `PeerBanned` as `Peer banned`; names of settings stay. */
export function wordsOf(code: string): string {
  if (/^DO[A-Z]/.test(code) || !/^[A-Z][A-Za-z]+$/.test(code)) return code;
  const words = code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
