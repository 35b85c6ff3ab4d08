import { NativeSelect, Radio, TextInput } from '@mantine/core';
import {
  checkPolicyValue,
  defaultText,
  hoursText,
  type PolicyName,
  policySpec,
  rangeText,
} from '@sluice/protocol/policy';
import { useState } from 'react';
import { changeSetting, type DeviceSettings, type SettingKind } from '../api/settings.ts';
import { FormDialog } from '../forms/form-dialog.tsx';

/** Sets one setting on all devices, or takes it back. It is checked as the device will. */
export function SettingDialog({
  name,
  settings,
  onClose,
}: {
  name: PolicyName;
  settings: DeviceSettings;
  onClose: () => void;
}) {
  const spec = policySpec(name);
  const now: SettingKind = name in settings.Forced ? 'Forced' : 'Default';
  const given = settings.Forced[name] ?? settings.Default[name];
  const [how, setHow] = useState<SettingKind | 'None'>(given === undefined ? 'Default' : now);
  const [text, setText] = useState(String(given ?? spec.default ?? ''));
  const checked = checkPolicyValue(spec, text);
  const reason = how !== 'None' && text !== '' && 'reason' in checked ? checked.reason : undefined;
  const send = async () => {
    if (how === 'None') return changeSetting(now, name, null);
    if ('reason' in checked) throw new Error(`${name}: ${checked.reason}`);
    const { value } = checked;
    return changeSetting(how, name, typeof value === 'object' ? hoursText(value) : value);
  };
  return (
    <FormDialog title={name} action="Save" opened onClose={onClose} send={send}>
      <p className="hint">
        {sentence(spec.about)} {spec.note}
      </p>
      <Radio.Group
        label="How it is set"
        value={how}
        onChange={(next) => setHow(next as SettingKind)}
      >
        <div className="stack radios">
          <Radio value="Default" label="Default: where a device sets nothing itself" />
          <Radio value="Forced" label="Forced: above what a device sets" />
          <Radio value="None" label="Not by the cloud" />
        </div>
      </Radio.Group>
      {how !== 'None' && <ValueInput name={name} text={text} onText={setText} reason={reason} />}
      <p className="hint">
        Built in: {defaultText(spec)}. A change holds {spec.holds}.
      </p>
    </FormDialog>
  );
}

function ValueInput({
  name,
  text,
  onText,
  reason,
}: {
  name: PolicyName;
  text: string;
  onText: (text: string) => void;
  reason: string | undefined;
}) {
  const spec = policySpec(name);
  const { form } = spec;
  if (form.kind === 'choice') {
    return (
      <NativeSelect
        label="Value"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        data={[
          ...(text === '' ? [{ value: '', label: 'choose' }] : []),
          ...Object.entries(form.choices).map(([value, label]) => ({
            value,
            label: `${value}: ${label}`,
          })),
        ]}
      />
    );
  }
  return (
    <TextInput
      label="Value"
      description={rangeText(spec)}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      error={reason}
      inputMode={form.kind === 'integer' ? 'numeric' : 'text'}
    />
  );
}

/** What the catalogue has as a part of a line. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
