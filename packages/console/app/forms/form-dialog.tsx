import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { Fault } from '../layout/fault.tsx';
import { useReturnFocus } from './use-return-focus.ts';

/** A dialog around a form. What it sends may have changed anything: all is asked for again. */
export function FormDialog<Result>({
  title,
  action,
  danger = false,
  opened,
  onClose,
  send,
  onDone,
  children,
}: {
  title: string;
  /** The word on the button that sends. */
  action: string;
  danger?: boolean;
  opened: boolean;
  onClose: () => void;
  send: (form: FormData) => Promise<Result>;
  onDone?: (result: Result) => void;
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: send,
    onSuccess: async (result) => {
      close();
      onDone?.(result);
      await queries.invalidateQueries();
    },
  });
  const close = () => {
    reset();
    onClose();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog title={title} opened={opened} onClose={close}>
      <form onSubmit={submit} className="stack">
        {children}
        <Fault error={error} />
        <div className="row">
          <Button type="submit" loading={isPending} {...(danger && { color: 'red' })}>
            {action}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Dialog({
  title,
  opened,
  onClose,
  children,
}: {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  useReturnFocus(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      // It would need a style of its own in the page, which the content policy forbids.
      lockScroll={false}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {children}
    </Modal>
  );
}
