import { Button, Loader } from '@mantine/core';
import type { ContentRule } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { contentRules } from '../api/content-rules.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { useMay } from '../session/session.ts';
import { DataTable } from '../tables/data-table.tsx';
import { BlocksPanel } from './blocks-panel.tsx';
import { EffectivePanel } from './effective-panel.tsx';
import { classColumns, ruleColumns } from './rule-columns.tsx';
import { RuleDialog } from './rule-dialog.tsx';

/** What is allowed with which contents, and the kill switch. */
export default function RulesPage() {
  const may = useMay('operator');
  const [edited, setEdited] = useState<ContentRule | 'new'>();
  const { data, error } = useQuery({ queryKey: ['content-rules'], queryFn: contentRules });
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  const { Rules, DefaultClasses } = data;
  return (
    <>
      <PageHead
        title="Content rules"
        about="From where devices may get a content: its HTTP source, peers, cache nodes. And what nobody gets any more."
      />
      <BlocksPanel may={may} />
      <Panel
        title="Rules"
        actions={
          may && (
            <Button size="xs" onClick={() => setEdited('new')}>
              New rule
            </Button>
          )
        }
      >
        {Rules.length === 0 ? (
          <EmptyState title="There is no rule yet">
            <p>What a caller may have follows from its class below. Make a rule, or:</p>
            <pre>sluice cloud content-policy set FILE --cloud {window.location.origin}</pre>
          </EmptyState>
        ) : (
          <>
            <DataTable
              label="Rules"
              columns={ruleColumns(Rules, may ? setEdited : undefined)}
              rows={Rules}
              rowKey={(rule) => String(Rules.indexOf(rule))}
            />
            <p className="hint">The first that matches holds.</p>
          </>
        )}
      </Panel>
      <EffectivePanel />
      <Panel title="Classes of callers">
        <DataTable
          label="Classes of callers"
          columns={classColumns}
          rows={DefaultClasses}
          rowKey={(one) => one.Name}
        />
        <p className="hint">
          They hold where no rule says otherwise. Everybody else may have all from everywhere.
        </p>
      </Panel>
      {edited !== undefined && (
        <RuleDialog
          rule={edited === 'new' ? undefined : edited}
          all={Rules}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}
