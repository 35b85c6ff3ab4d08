import { CacheNodePage } from './cache-node-page.tsx';
import { CacheNodesPage } from './cache-nodes-page.tsx';

export default function CacheNodePages({ path: [name] }: { path: string[] }) {
  return name === undefined ? <CacheNodesPage /> : <CacheNodePage name={name} />;
}
