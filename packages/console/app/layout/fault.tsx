import { Alert } from '@mantine/core';
import { ApiError } from '../api/client.ts';

/** What went wrong and what can be done about it; nothing when nothing did. */
export function Fault({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null;
  return (
    <Alert color="red" role="alert" title={messageOf(error)}>
      {remedyOf(error)}
    </Alert>
  );
}

function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return 'The cloud cannot be reached.';
  return error instanceof Error ? error.message : String(error);
}

function remedyOf(error: unknown): string {
  if (error instanceof ApiError) return error.remedy;
  return error instanceof TypeError ? 'Is it running, and this machine on the network?' : '';
}
