import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createEnrolment } from '../api/identity.ts';
import { FormDialog } from '../forms/form-dialog.tsx';
import { SecretOnce } from '../forms/secret-once.tsx';
import { TenantInput, tenantIn } from '../forms/tenant-input.tsx';

/** Makes a token and shows it. */
export function NewEnrolment({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [token, setToken] = useState<string>();
  return (
    <>
      <FormDialog
        title="New enrolment token"
        action="Make it"
        opened={opened}
        onClose={onClose}
        send={(form) => createEnrolment(termsIn(form))}
        onDone={({ Token }) => setToken(Token)}
      >
        <NumberInput
          name="uses"
          label="Devices"
          description="How many may enrol with it"
          min={1}
          max={1_000_000}
          allowDecimal={false}
          defaultValue={1}
          required
          data-autofocus
        />
        <NativeSelect
          name="expires"
          label="Expires"
          defaultValue="604800"
          data={[
            { value: '3600', label: 'in an hour' },
            { value: '86400', label: 'in a day' },
            { value: '604800', label: 'in 7 days' },
            { value: '7776000', label: 'in 90 days' },
            { value: '31536000', label: 'in a year' },
          ]}
        />
        <TextInput
          name="group"
          label="Group"
          description="A GUID: its devices are in this group, whatever they say. Empty: in none"
          pattern="[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
          autoComplete="off"
        />
        <TenantInput empty="default" />
        <TextInput
          name="url"
          type="url"
          label="Address of the cloud"
          description="Under which these devices reach it"
          defaultValue={window.location.origin}
          required
        />
      </FormDialog>
      <SecretOnce title="Enrolment token" secret={token} onClose={() => setToken(undefined)}>
        <p>On each device, as the user that the agent runs as:</p>
        <pre className="command">sluice enrol TOKEN</pre>
      </SecretOnce>
    </>
  );
}

function termsIn(form: FormData) {
  const group = String(form.get('group')).trim();
  return {
    ...tenantIn(form),
    ...(group !== '' && { GroupId: group }),
    Uses: Number(form.get('uses')),
    ExpiresInSeconds: Number(form.get('expires')),
    Url: String(form.get('url')).trim().replace(/\/$/, ''),
  };
}
