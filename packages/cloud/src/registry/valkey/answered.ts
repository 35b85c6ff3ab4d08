import { sluiceError } from '@sluice/protocol';

/** What the store says to a command. @throws StoreUnavailable */
export async function answered<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('StoreUnavailable', { store: 'swarm registry', detail }, { cause });
  }
}
