import { NumberInput, Textarea, TextInput } from '@mantine/core';
import type { CacheNodeSettings } from '@sluice/protocol';
import { useState } from 'react';
import { createNode } from '../api/cache-nodes.ts';
import { FormDialog } from '../forms/form-dialog.tsx';
import { SecretOnce } from '../forms/secret-once.tsx';

/** Makes a cache node and shows the key that registers it. */
export function NewNode({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [key, setKey] = useState<string>();
  return (
    <>
      <FormDialog
        title="New cache node"
        action="Make it"
        opened={opened}
        onClose={onClose}
        send={(form) => createNode({ Name: String(form.get('name')), ...settingsIn(form) })}
        onDone={({ RegistrationKey }) => setKey(RegistrationKey)}
      >
        <TextInput
          name="name"
          label="Name"
          description="Letters, digits, - and _"
          pattern="[A-Za-z0-9_\-]{1,90}"
          required
          data-autofocus
        />
        <NodeFields />
      </FormDialog>
      <SecretOnce title="Registration key" secret={key} onClose={() => setKey(undefined)}>
        <p>Put it into a file on the node, and start the node with it:</p>
        <pre className="command">
          sluice cache-node --cloud {window.location.origin} --registration-key-file FILE --listen
          0.0.0.0:80 --allow HOST
        </pre>
      </SecretOnce>
    </>
  );
}

/** What can be set of a node, as fields of a form. */
export function NodeFields({ node }: { node?: CacheNodeSettings }) {
  return (
    <>
      <Textarea
        name="cidrs"
        label="Networks"
        description="Devices of these are told of it, one a line: 10.1.0.0/16"
        defaultValue={node?.Cidrs.join('\n') ?? ''}
        autosize={false}
        rows={3}
      />
      <NumberInput
        name="egress"
        label="Egress limit"
        description="Mbit/s; empty: none"
        min={1}
        max={1_000_000}
        allowDecimal={false}
        defaultValue={node?.MaxAllowableEgressInMbps ?? ''}
      />
    </>
  );
}

export function settingsIn(
  form: FormData,
): Pick<CacheNodeSettings, 'Cidrs' | 'MaxAllowableEgressInMbps'> {
  const egress = String(form.get('egress')).trim();
  return {
    Cidrs: String(form.get('cidrs'))
      .split(/[\s,]+/)
      .filter(Boolean),
    MaxAllowableEgressInMbps: egress === '' ? null : Number(egress),
  };
}
