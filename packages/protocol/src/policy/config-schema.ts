import { policyNames, policySpec } from './catalogue.ts';
import type { PolicySpec } from './policy-spec.ts';
import { rangeText } from './texts.ts';

/** JSON schema (draft 2020-12) of the config file: an object of settings by name. */
export function configSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of a Sluice device',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      ...Object.fromEntries(policyNames.map((name) => [name, schemaOf(policySpec(name))])),
    },
    additionalProperties: false,
  };
}

function schemaOf(spec: PolicySpec): object {
  const description = `${spec.about} (${rangeText(spec)})`;
  return {
    description,
    ...(spec.default !== undefined && { default: spec.default }),
    ...(spec.deprecated !== undefined && { deprecated: true }),
    ...formSchema(spec),
  };
}

function formSchema({ form }: PolicySpec): object {
  switch (form.kind) {
    case 'integer':
      return { type: 'integer', minimum: form.min, maximum: form.max };
    case 'choice':
      return { enum: Object.keys(form.choices).map(Number) };
    case 'guid':
      return { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' };
    case 'hours':
      return { type: 'object', properties: hourParts, required: Object.keys(hourParts) };
    case 'hosts':
      return { type: ['string', 'array'], items: { type: 'string' } };
    case 'text':
      return { type: 'string' };
  }
}

const hour = { type: 'integer', minimum: 0, maximum: 23 };
const percent = { type: 'integer', minimum: 0, maximum: 100 };
const hourParts = { From: hour, To: hour, In: percent, Out: percent };
