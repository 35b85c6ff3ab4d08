import { NativeSelect, Radio, TextInput } from '@mantine/core';
import type { Block } from '@sluice/protocol';
import { useState } from 'react';
import { block } from '../api/content-rules.ts';
import { FormDialog } from '../forms/form-dialog.tsx';

const names = {
  UrlPrefix: 'URL, and all that begins so',
  ContentId: 'Content id',
  HashOfHashes: 'HashOfHashes',
} as const;
type By = keyof typeof names;

/** Blocks something. @param contentId what, when it is known already */
export function BlockDialog({
  contentId,
  opened,
  onClose,
}: {
  contentId?: string;
  opened: boolean;
  onClose: () => void;
}) {
  const [by, setBy] = useState<By>('UrlPrefix');
  const [then, setThen] = useState<Block['Then']>('Fail');
  const send = (form: FormData) => {
    const what =
      contentId === undefined
        ? { [by]: String(form.get('what')).trim() }
        : { ContentId: contentId };
    return block({ ...what, Then: then, Reason: String(form.get('reason')).trim() });
  };
  return (
    <FormDialog title="Block" action="Block" danger opened={opened} onClose={onClose} send={send}>
      {contentId === undefined && (
        <>
          <NativeSelect
            label="By its"
            data={Object.entries(names).map(([value, label]) => ({ value, label }))}
            value={by}
            onChange={(event) => setBy(event.currentTarget.value as By)}
          />
          <TextInput
            name="what"
            label={names[by]}
            type={by === 'UrlPrefix' ? 'url' : 'text'}
            autoComplete="off"
            required
            data-autofocus
          />
        </>
      )}
      <Radio.Group
        label="What follows"
        value={then}
        onChange={(next) => setThen(next as Block['Then'])}
      >
        <div className="stack radios">
          <Radio value="Fail" label="Nobody gets it: downloads of it end" />
          <Radio value="HttpOnly" label="It comes from its source only" />
        </div>
      </Radio.Group>
      <TextInput name="reason" label="Reason" maxLength={200} autoComplete="off" required />
      <p className="hint">
        Within five minutes all devices stop sharing it and delete it from their store, pinned or
        not. Files that were delivered stay.
      </p>
    </FormDialog>
  );
}
