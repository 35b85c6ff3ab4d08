/** Proxies, and which of them to reach a URL by. */
export { checkProxy, Proxies, type ProxyWish } from './proxies.ts';
export type { ProxyServer, Route, Routes } from './route.ts';
