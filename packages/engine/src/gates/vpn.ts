/** What makes an adapter a VPN by itself (policies.md §2, DOVpnKeywords). */
const builtIn = ['VPN', 'Secure', 'Virtual Private Network'];

/**
 * The text of an adapter that a keyword makes a VPN; undefined when there is none. A keyword may be
 * any part of the text ("MSFTVPN" is one). The documents do not say how case counts (policies.md §6):
 * here it does not, so that `vpn0` is one, too.
 * @param keywords after commas; they come on top of the built-in ones.
 */
export function vpnAmong(adapters: readonly string[], keywords: string): string | undefined {
  const words = [...builtIn, ...keywords.split(',')]
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
  return adapters.find((text) => words.some((word) => text.toLowerCase().includes(word)));
}
