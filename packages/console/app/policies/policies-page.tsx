import { Alert, Checkbox, Loader, TextInput } from '@mantine/core';
import { type PolicyName, policyNames, policySpec, valueText } from '@sluice/protocol/policy';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceSettings } from '../api/settings.ts';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { useMay } from '../session/session.ts';
import { DataTable } from '../tables/data-table.tsx';
import { type PolicyRow, policyColumns, policyRows } from './policy-rows.tsx';
import { SettingDialog } from './setting-dialog.tsx';

/** What the cloud sets on devices, and what holds by that. */
export default function PoliciesPage() {
  const may = useMay('operator');
  const [search, setSearch] = useState('');
  const [onlySet, setOnlySet] = useState(false);
  const [edited, setEdited] = useState<PolicyName>();
  const { data, error } = useQuery({ queryKey: ['settings'], queryFn: deviceSettings });
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  const rows = policyRows(data).filter(
    (row) => isFound(row, search) && (!onlySet || row.kind !== undefined),
  );
  return (
    <>
      <PageHead
        title="Policies"
        about="Every setting of Delivery Optimization by its name. A default gives way to what a device sets itself; what is forced holds above all."
      />
      {data.Problems.map((problem) => (
        <Alert
          key={JSON.stringify(problem)}
          color="yellow"
          mb="md"
          title={problem.Name ?? 'Settings'}
        >
          Not served: {problem.Reason}
        </Alert>
      ))}
      <div className="row filters">
        <TextInput
          label="Find a setting"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Checkbox
          label="Only what the cloud sets"
          checked={onlySet}
          onChange={(event) => setOnlySet(event.currentTarget.checked)}
        />
      </div>
      {rows.length === 0 ? (
        <p className="hint" role="status">
          {onlySet && search === ''
            ? 'The cloud sets nothing yet: devices go by their own settings and the defaults.'
            : `None of the ${policyNames.length} settings is found.`}
        </p>
      ) : (
        <DataTable
          label="Settings"
          columns={policyColumns(may ? setEdited : undefined)}
          rows={rows}
          rowKey={(row) => row.name}
        />
      )}
      {edited !== undefined && (
        <SettingDialog name={edited} settings={data} onClose={() => setEdited(undefined)} />
      )}
    </>
  );
}

function isFound({ name, value }: PolicyRow, search: string): boolean {
  const { about, groupPolicy } = policySpec(name);
  const text = search.trim().toLowerCase();
  return [name, about, groupPolicy, valueText(value)].some((part) =>
    part.toLowerCase().includes(text),
  );
}
