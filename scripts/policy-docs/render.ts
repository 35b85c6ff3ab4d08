import {
  configSchema,
  defaultText,
  type PolicyName,
  policyNames,
  policyProviders,
  policySpec,
  providerTexts,
  rangeText,
} from '@sluice/protocol/policy';
import { forms, intro, places } from './texts.ts';

/** What is made of the catalogue: file from the root of the repository, and its text. */
export function policyDocs(): Record<string, string> {
  return {
    'docs/policies.md': `${[intro, providers(), places, table(), ...details(), forms].join('\n\n')}\n`,
    'docs/sluice-config.schema.json': `${JSON.stringify(configSchema(), undefined, 2)}\n`,
  };
}

function providers(): string {
  const rows = policyProviders.map((provider, i) => {
    const { name, id, binds } = providerTexts[provider];
    return `| ${i + 1} | ${name} | \`${provider}\` | ${id} | ${binds ? 'yes' : ''} |`;
  });
  return [
    '| | provider | in JSON | number in Get-DOConfig | binds single downloads |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function table(): string {
  const rows = policyNames.map((name) => {
    const spec = policySpec(name);
    const state = spec.state === 'acts' ? `acts, ${spec.holds}` : '**not acted on yet**';
    const old = spec.deprecated === undefined ? '' : ', deprecated';
    return `| [${name}](#${name.toLowerCase()}) | ${rangeText(spec)} | ${defaultText(spec)} | ${state}${old} |`;
  });
  return [
    '## All policies',
    '',
    '| name | takes | default | state |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function details(): string[] {
  return policyNames.map((name) => section(name));
}

function section(name: PolicyName): string {
  const spec = policySpec(name);
  const isHours = spec.form.kind === 'hours';
  const value = isHours ? `\`${name}_From\`, \`_To\`, \`_In\`, \`_Out\`` : `\`${name}\``;
  const facts = [
    `Takes: ${rangeText(spec)}. Default: ${defaultText(spec)}.`,
    spec.groupPolicy === ''
      ? 'A setting of Sluice; in the registry it lies beside the others.'
      : `Group Policy: “${spec.groupPolicy}” (\`${spec.admx}\`); registry value ${value}; OMA-URI \`…/DeliveryOptimization/${name}\`; since ${spec.since}.`,
    ...(spec.deprecated === undefined ? [] : [`Deprecated ${spec.deprecated}.`]),
    spec.state === 'acts'
      ? `Sluice acts on it; a change holds ${spec.holds === 'at once' ? 'at once, for running downloads, too' : 'from the next download on'}.`
      : 'Sluice shows it with its provider, and does **not act on it yet**.',
    ...(spec.note === undefined ? [] : [spec.note]),
  ];
  return `### ${name}\n\n${sentence(spec.about)}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}`;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
