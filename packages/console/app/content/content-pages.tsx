import { ContentPage } from './content-page.tsx';
import { ContentsPage } from './contents-page.tsx';

export default function ContentPages({ path: [contentId] }: { path: string[] }) {
  return contentId === undefined ? <ContentsPage /> : <ContentPage contentId={contentId} />;
}
