import { Button } from '@mantine/core';
import type { AllowedSources, ContentClassView, ContentRule } from '@sluice/protocol';
import { setRules } from '../api/content-rules.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import type { Column } from '../tables/data-table.tsx';
import { policiesText, sourceNames } from './rule-text.ts';

/** @param onEdit undefined: who looks may not change any */
export function ruleColumns(
  all: ContentRule[],
  onEdit: ((rule: ContentRule) => void) | undefined,
): Column<ContentRule>[] {
  return [
    { name: 'Rule', cell: (rule) => rule.Name },
    { name: 'For', cell: (rule) => <ForWhat match={rule.Match} /> },
    { name: 'From where', cell: ({ Allow }) => allowText(Allow) },
    { name: 'Sets', cell: setsOf },
    ...(onEdit
      ? [
          {
            name: 'Change',
            cell: (rule: ContentRule) => <RuleActions rule={rule} all={all} onEdit={onEdit} />,
          },
        ]
      : []),
  ];
}

export const classColumns: Column<ContentClassView>[] = [
  { name: 'Class', by: (one) => one.Name, cell: (one) => one.Name },
  {
    name: 'Callers',
    cell: ({ Callers }) =>
      Callers.length === 0 ? (
        <span className="hint">none is known by name: make a rule</span>
      ) : (
        Callers.map((caller) => <div key={caller}>{caller}</div>)
      ),
  },
  { name: 'From where', cell: ({ Allow }) => allowText(Allow) },
];

/** `HTTP, cache nodes; no peers`. */
export function allowText(allow: Partial<AllowedSources> | undefined | null): string {
  const given = Object.entries(allow ?? {}) as [keyof AllowedSources, boolean][];
  const names = (may: boolean) =>
    given.filter(([, is]) => is === may).map(([source]) => sourceNames[source]);
  if (given.length === 0) return 'as the class says';
  if (given.length === 3 && names(false).length === 0) return 'everywhere';
  const parts = [
    names(true).join(', '),
    names(false)
      .map((name) => `no ${name}`)
      .join(', '),
  ];
  return parts.filter(Boolean).join('; ');
}

function ForWhat({ match }: { match: ContentRule['Match'] }) {
  const parts = [
    ['callers', match.Callers],
    ['URLs below', match.UrlPrefixes],
    ['contents', match.ContentIds],
    ['hashes', match.HashesOfHashes],
  ] as const;
  const given = parts.filter(([, list]) => list !== undefined);
  if (given.length === 0) return 'everything';
  return (
    <div className="name">
      {given.map(([name, list = []]) => (
        <div key={name}>
          <span className="hint">{name}</span> {list.join(', ')}
        </div>
      ))}
    </div>
  );
}

function setsOf({ Policies = {}, Rank }: ContentRule) {
  const rank = Rank === undefined ? [] : [`rank ${Rank}`];
  const lines = [...policiesText(Policies).split('\n').filter(Boolean), ...rank];
  return lines.length === 0 ? '–' : lines.map((line) => <div key={line}>{line}</div>);
}

function RuleActions({
  rule,
  all,
  onEdit,
}: {
  rule: ContentRule;
  all: ContentRule[];
  onEdit: (rule: ContentRule) => void;
}) {
  const at = all.indexOf(rule);
  return (
    <div className="row">
      <Button
        variant="default"
        size="xs"
        aria-label={`Change ${rule.Name}`}
        onClick={() => onEdit(rule)}
      >
        Change
      </Button>
      {at > 0 && (
        <ConfirmButton
          name="Up"
          question={`Put ${rule.Name} above ${all[at - 1]?.Name}?`}
          send={() => setRules(all.with(at, all[at - 1]!).with(at - 1, rule))}
        >
          Where both match it holds from then on.
        </ConfirmButton>
      )}
      <ConfirmButton
        name="Remove"
        question={`Remove ${rule.Name}?`}
        send={() => setRules(all.filter((one) => one !== rule))}
      >
        What it was for goes by the next rule that matches, or by the class of the caller.
      </ConfirmButton>
    </div>
  );
}
