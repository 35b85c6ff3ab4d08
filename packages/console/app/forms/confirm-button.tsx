import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { FormDialog } from './form-dialog.tsx';

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton({
  name,
  question,
  children,
  send,
  onDone,
}: {
  name: string;
  question: string;
  /** What follows from it. */
  children: ReactNode;
  send: () => Promise<unknown>;
  onDone?: () => void;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setOpened(true)}>
        {name}
      </Button>
      <FormDialog
        title={question}
        action={name}
        danger
        opened={opened}
        onClose={() => setOpened(false)}
        send={send}
        onDone={() => onDone?.()}
      >
        <div>{children}</div>
      </FormDialog>
    </>
  );
}
