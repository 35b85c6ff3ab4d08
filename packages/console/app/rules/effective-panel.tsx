import { Button, Loader, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { effectiveRule } from '../api/content-rules.ts';
import { Facts } from '../figures/facts.tsx';
import { Fault } from '../layout/fault.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { allowText } from './rule-columns.tsx';
import { policiesText } from './rule-text.ts';

interface Asked {
  url: string;
  caller: string;
}

/** What holds when a caller asks for a URL. */
export function EffectivePanel() {
  const [asked, setAsked] = useState<Asked>();
  return (
    <Panel title="What holds for a download">
      <form
        className="row filters"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const text = (name: string) => String(form.get(name)).trim();
          setAsked({ url: text('url'), caller: text('caller') });
        }}
      >
        <TextInput name="url" label="URL" type="url" required />
        <TextInput name="caller" label="Caller" maxLength={200} />
        <Button type="submit" variant="default">
          Show
        </Button>
      </form>
      {asked && <Effective asked={asked} />}
    </Panel>
  );
}

function Effective({ asked }: { asked: Asked }) {
  const { data, error } = useQuery({
    queryKey: ['effective-rule', asked],
    queryFn: () => effectiveRule(asked),
  });
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  const { ContentId, Block, Rule, Allow, Policies } = data;
  return (
    <Facts
      facts={[
        [
          'Content',
          ContentId === null ? (
            'nothing is published there'
          ) : (
            <a key="content" href={hrefOf('content', ContentId)}>
              {ContentId}
            </a>
          ),
        ],
        ['Blocked', blockText(Block)],
        ['By', Rule ?? 'no rule, and a caller of no class'],
        ['From where', Allow === null ? 'everywhere' : allowText(Allow)],
        ['Sets', policiesText(Policies).replaceAll('\n', ', ') || 'nothing beside the publisher'],
      ]}
    />
  );
}

function blockText(block: { Then: string; Reason: string } | null): string {
  if (block === null) return 'no';
  return `${block.Then === 'Fail' ? 'yes' : 'from its source only'}: ${block.Reason}`;
}
