import { ask } from '../api/client.ts';

export interface ServerEvent {
  name: string;
  data: string;
}

/**
 * Server-sent events, by `fetch`: `EventSource` could not send the token. Ends when the cloud ends it.
 * @throws as `ask`, AbortError
 */
export async function* serverEvents(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const response = await ask(path, { signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const parsed = parse(event);
      if (parsed) yield parsed;
    }
  }
}

/** Undefined for a comment, which only says that the line is alive. */
function parse(event: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of event.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  const data = fields.get('data');
  return data === undefined ? undefined : { name: fields.get('event') ?? '', data };
}
