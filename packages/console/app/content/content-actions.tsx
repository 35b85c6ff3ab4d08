import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cacheNodes } from '../api/cache-nodes.ts';
import { type Content, nameOf, removeContent } from '../api/contents.ts';
import { PreheatDialog } from '../cache-nodes/preheat-panel.tsx';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { goTo, hrefOf } from '../routing/route.ts';
import { BlockDialog } from '../rules/block-dialog.tsx';
import { useMay } from '../session/session.ts';

/** What can be done with a content. */
export function ContentActions({ content }: { content: Content }) {
  const may = useMay('operator');
  const [preheating, setPreheating] = useState(false);
  const [blocking, setBlocking] = useState(false);
  const { data: nodes = [] } = useQuery({ queryKey: ['cache-nodes'], queryFn: cacheNodes });
  return (
    <>
      <Button component="a" href={hrefOf('live', content.ContentId)} variant="default" size="xs">
        Watch it live
      </Button>
      {may && nodes.length > 0 && (
        <Button variant="default" size="xs" onClick={() => setPreheating(true)}>
          Preheat
        </Button>
      )}
      {may && (
        <Button variant="default" size="xs" onClick={() => setBlocking(true)}>
          Block
        </Button>
      )}
      {may && (
        <ConfirmButton
          name="Remove"
          question={`Remove ${nameOf(content)}?`}
          send={() => removeContent(content.ContentId)}
          onDone={() => goTo('content')}
        >
          Devices fetch it from its URL alone from then on. The file itself stays.
        </ConfirmButton>
      )}
      <BlockDialog
        contentId={content.ContentId}
        opened={blocking}
        onClose={() => setBlocking(false)}
      />
      <PreheatDialog
        names={nodes.map((node) => node.Name)}
        urls={content.Urls}
        opened={preheating}
        onClose={() => setPreheating(false)}
      />
    </>
  );
}
