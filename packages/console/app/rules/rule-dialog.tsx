import { NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { AllowedSources, ContentPolicies, ContentRule } from '@sluice/protocol';
import { setRules } from '../api/content-rules.ts';
import { FormDialog } from '../forms/form-dialog.tsx';
import { linesIn, policyLabels, sourceNames } from './rule-text.ts';

const sources = Object.entries(sourceNames) as [keyof AllowedSources, string][];
const policies = Object.entries(policyLabels) as [keyof ContentPolicies, string][];
const matches = [
  ['Callers', 'Callers', 'Regular expressions of whole names, one a line'],
  ['UrlPrefixes', 'URLs', 'What they begin with, one a line'],
  ['ContentIds', 'Content ids', 'One a line'],
  ['HashesOfHashes', 'HashesOfHashes', 'One a line'],
] as const;

/** Makes a rule, or changes one. @param rule undefined: a new one, behind the others */
export function RuleDialog({
  rule,
  all,
  onClose,
}: {
  rule: ContentRule | undefined;
  all: ContentRule[];
  onClose: () => void;
}) {
  const send = (form: FormData) => {
    const given = ruleIn(form);
    return setRules(rule ? all.map((one) => (one === rule ? given : one)) : [...all, given]);
  };
  return (
    <FormDialog title={rule?.Name ?? 'New rule'} action="Save" opened onClose={onClose} send={send}>
      <TextInput
        name="name"
        label="Name"
        description="Devices tell it when they say why"
        defaultValue={rule?.Name ?? ''}
        maxLength={200}
        required
        data-autofocus
      />
      <fieldset className="stack variant">
        <legend>For what: all that is given must be met</legend>
        {matches.map(([name, label, description]) => (
          <Textarea
            key={name}
            name={name}
            label={label}
            description={description}
            rows={2}
            defaultValue={rule?.Match[name]?.join('\n') ?? ''}
          />
        ))}
      </fieldset>
      <fieldset className="stack variant">
        <legend>From where</legend>
        {sources.map(([source, label]) => (
          <NativeSelect
            key={source}
            name={source}
            label={label.charAt(0).toUpperCase() + label.slice(1)}
            data={[
              { value: '', label: 'as the class of the caller says' },
              { value: 'true', label: 'allowed' },
              { value: 'false', label: 'not allowed' },
            ]}
            defaultValue={String(rule?.Allow?.[source] ?? '')}
          />
        ))}
      </fieldset>
      <fieldset className="stack variant">
        <legend>What it sets, above the publisher</legend>
        {policies.map(([name, label]) => (
          <NumberInput
            key={name}
            name={name}
            label={label}
            min={0}
            allowDecimal={false}
            defaultValue={rule?.Policies?.[name] ?? ''}
          />
        ))}
        <NumberInput
          name="rank"
          label="Rank"
          description="Told to clients; agents of Sluice do not go by it"
          min={-1_000_000}
          max={1_000_000}
          allowDecimal={false}
          defaultValue={rule?.Rank ?? ''}
        />
      </fieldset>
    </FormDialog>
  );
}

function ruleIn(form: FormData): ContentRule {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const given = <Name extends string, Value>(
    names: readonly (readonly [Name, ...unknown[]])[],
    inForm: (name: Name) => Value | undefined,
  ) =>
    Object.fromEntries(
      names.map(([name]) => [name, inForm(name)]).filter(([, value]) => value !== undefined),
    );
  const number = (name: string) => (text(name) === '' ? undefined : Number(text(name)));
  const Allow = given(sources, (name) => (text(name) === '' ? undefined : text(name) === 'true'));
  const Policies = given(policies, number);
  const Rank = number('rank');
  return {
    Name: text('name'),
    Match: given(matches, (name) => linesIn(form, name)),
    ...(Object.keys(Allow).length > 0 && { Allow }),
    ...(Object.keys(Policies).length > 0 && { Policies }),
    ...(Rank !== undefined && { Rank }),
  };
}
