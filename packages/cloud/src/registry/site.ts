/**
 * What tells that two devices are on one site: behind IPv4 NAT the external address itself
 * (workflow.md §5). IPv6 has no NAT, each device has its own address: there it is the /64 network.
 * @param externalIp as `canonicalIp` writes it.
 */
export function siteOf(externalIp: string): string {
  if (!externalIp.includes(':')) return externalIp;
  const [head, tail] = externalIp.split('::') as [string, string | undefined];
  const first = head ? head.split(':') : [];
  const last = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
