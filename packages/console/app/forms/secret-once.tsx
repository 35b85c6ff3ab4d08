import { Button, CopyButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from './form-dialog.tsx';

/** A secret that the cloud tells once and does not keep. */
export function SecretOnce({
  title,
  secret,
  onClose,
  children,
}: {
  title: string;
  /** Undefined: nothing to show. */
  secret: string | undefined;
  onClose: () => void;
  /** What to do with it. */
  children: ReactNode;
}) {
  return (
    <Dialog title={title} opened={secret !== undefined} onClose={onClose}>
      <div className="stack">
        <p className="hint">It is shown this once: the cloud keeps no copy.</p>
        <code className="secret">{secret}</code>
        <CopyButton value={secret ?? ''}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}
        </CopyButton>
        <div>{children}</div>
      </div>
    </Dialog>
  );
}
