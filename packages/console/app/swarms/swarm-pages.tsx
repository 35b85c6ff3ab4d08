import { SwarmPage } from './swarm-page.tsx';
import { SwarmsPage } from './swarms-page.tsx';

export default function SwarmPages({ path: [contentId] }: { path: string[] }) {
  return contentId === undefined ? <SwarmsPage /> : <SwarmPage contentId={contentId} />;
}
