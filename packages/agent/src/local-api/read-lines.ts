import { sluiceError } from '@sluice/protocol';

const maxLineBytes = 1 << 20;

/** The lines of a text as it comes; what follows the last line end is dropped. @throws ServiceInvalidReply for one that is endless. */
export async function* readLines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    if (text.length > maxLineBytes) {
      throw sluiceError('ServiceInvalidReply', { service: 'the agent', detail: 'endless line' });
    }
    yield* lines;
  }
}
