import { Button, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { Rollout } from '@sluice/protocol';
import { useState } from 'react';
import { setRollouts } from '../api/rollouts.ts';
import { FormDialog } from '../forms/form-dialog.tsx';
import { settingsFrom, settingsText, stagesFrom, stagesText } from './rollout-text.ts';

const fresh: Rollout = {
  Name: '',
  Kind: 'Default',
  Stages: [{ Percent: 5 }],
  Variants: [{ Name: 'all', Weight: 1, Settings: {} }],
};

/** Makes a rollout, or changes one. @param rollout undefined: a new one. @param all those that there are */
export function RolloutDialog({
  rollout = fresh,
  all,
  onClose,
}: {
  rollout: Rollout | undefined;
  all: Rollout[];
  onClose: () => void;
}) {
  const isNew = rollout === fresh;
  const [variants, setVariants] = useState(rollout.Variants.length);
  const send = async (form: FormData) => {
    const given: Rollout = { ...rollout, ...rolloutIn(form, variants) };
    if (isNew && all.some(({ Name }) => Name === given.Name)) {
      throw new Error(`There is a rollout ${given.Name} already`);
    }
    return setRollouts(isNew ? [...all, given] : all.map((one) => (one === rollout ? given : one)));
  };
  return (
    <FormDialog
      title={isNew ? 'New rollout' : rollout.Name}
      action="Save"
      opened
      onClose={onClose}
      send={send}
    >
      <TextInput
        name="name"
        label="Name"
        description="It decides which devices are first: another name, another choice."
        defaultValue={rollout.Name}
        pattern="[A-Za-z0-9][A-Za-z0-9 ._\-]{0,89}"
        required
        data-autofocus
      />
      <NativeSelect
        name="kind"
        label="How it is set"
        data={[
          { value: 'Default', label: 'Default: where a device sets nothing itself' },
          { value: 'Forced', label: 'Forced: above what a device sets' },
        ]}
        defaultValue={rollout.Kind}
      />
      <Textarea
        name="stages"
        label="Stages"
        description="One a line: percent of the devices and, if it is to come, when: 50 2027-01-31T08:00"
        rows={3}
        defaultValue={stagesText(rollout.Stages)}
        required
      />
      {Array.from({ length: variants }, (_, i) => (
        <VariantFields
          // biome-ignore lint/suspicious/noArrayIndexKey: they only come and go at the end.
          key={i}
          place={i}
          variant={rollout.Variants[i] ?? { Name: `variant ${i + 1}`, Weight: 1, Settings: {} }}
        />
      ))}
      <div>
        <Button
          variant="default"
          size="xs"
          onClick={() => setVariants(variants + 1)}
          disabled={variants >= 20}
        >
          Another variant, to compare
        </Button>
      </div>
    </FormDialog>
  );
}

function VariantFields({
  place,
  variant,
}: {
  place: number;
  variant: Rollout['Variants'][number];
}) {
  return (
    <fieldset className="stack variant">
      <legend>Variant {place + 1}</legend>
      <TextInput
        name={`variant-${place}`}
        label="Name of the variant"
        defaultValue={variant.Name}
        required
      />
      <NumberInput
        name={`weight-${place}`}
        label="Weight"
        description="Its share of the devices, beside those of the others"
        min={0}
        max={1_000}
        allowDecimal={false}
        defaultValue={variant.Weight}
        required
      />
      <Textarea
        name={`settings-${place}`}
        label="Settings"
        description="One a line: DOMaxCacheAge=86400; a name alone takes back what is set for all"
        rows={3}
        defaultValue={settingsText(variant.Settings)}
        required
      />
    </fieldset>
  );
}

function rolloutIn(form: FormData, variants: number): Rollout {
  return {
    Name: String(form.get('name')).trim(),
    Kind: String(form.get('kind')) as Rollout['Kind'],
    Stages: stagesFrom(String(form.get('stages'))),
    Variants: Array.from({ length: variants }, (_, i) => ({
      Name: String(form.get(`variant-${i}`)).trim(),
      Weight: Number(form.get(`weight-${i}`)),
      Settings: settingsFrom(String(form.get(`settings-${i}`))),
    })),
  };
}
