import { Badge, Button } from '@mantine/core';
import {
  defaultText,
  type PolicyName,
  type PolicyValue,
  policyNames,
  policySpec,
  resolvePolicies,
  valueText,
} from '@sluice/protocol/policy';
import type { DeviceSettings, SettingKind } from '../api/settings.ts';
import type { Column } from '../tables/data-table.tsx';

export interface PolicyRow {
  name: PolicyName;
  /** In force on a device that sets nothing itself. */
  value: PolicyValue | undefined;
  /** How the cloud sets it, if it does. */
  kind: SettingKind | undefined;
}

/** What holds by the cloud's settings, as devices themselves work it out. */
export function policyRows({
  Default,
  Forced,
}: Pick<DeviceSettings, 'Default' | 'Forced'>): PolicyRow[] {
  const { settings, sources } = resolvePolicies([
    { provider: 'CloudForced', origin: 'cloud', values: Forced },
    { provider: 'CloudDefault', origin: 'cloud', values: Default },
  ]);
  return policyNames.map((name) => {
    const { provider } = sources[name];
    const kind = { CloudForced: 'Forced', CloudDefault: 'Default' }[provider as string];
    return { name, value: settings[name], kind: kind as SettingKind | undefined };
  });
}

/** @param onEdit undefined: who looks may not change any */
export function policyColumns(
  onEdit: ((name: PolicyName) => void) | undefined,
): Column<PolicyRow>[] {
  return [
    {
      name: 'Setting',
      by: ({ name }) => name,
      cell: ({ name }) => (
        <div className="name">
          <strong>{name}</strong>
          <div className="hint">{policySpec(name).about}</div>
          {policySpec(name).state === 'reported' && (
            <div className="hint">Shown only: nothing acts on it.</div>
          )}
        </div>
      ),
    },
    {
      name: 'In force',
      cell: ({ name, value }) => <ValueOf name={name} value={value} />,
    },
    {
      name: 'Set by',
      by: ({ kind }) => kind ?? '',
      cell: ({ kind }) => (
        <Badge
          variant="light"
          tt="none"
          color={kind === undefined ? 'gray' : kind === 'Forced' ? 'red' : 'blue'}
        >
          {kind === undefined ? 'built in' : kind === 'Forced' ? 'cloud, forced' : 'cloud, default'}
        </Badge>
      ),
    },
    { name: 'Built in', cell: ({ name }) => defaultText(policySpec(name)) },
    ...(onEdit
      ? [
          {
            name: 'Change',
            cell: ({ name }: PolicyRow) => (
              <Button
                variant="default"
                size="xs"
                aria-label={`Set ${name}`}
                onClick={() => onEdit(name)}
              >
                Set
              </Button>
            ),
          },
        ]
      : []),
  ];
}

/** With the meaning of a choice, and the unit. */
function ValueOf({ name, value }: { name: PolicyName; value: PolicyValue | undefined }) {
  const { form } = policySpec(name);
  if (value === undefined || value === '') return <span className="hint">not set</span>;
  if (form.kind === 'choice') return `${value} (${form.choices[value as number]})`;
  return form.kind === 'integer' ? `${value} ${form.unit}` : valueText(value);
}
