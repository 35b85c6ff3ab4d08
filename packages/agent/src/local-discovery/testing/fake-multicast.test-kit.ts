import { EventEmitter } from 'node:events';
import type { MulticastDNS, Options, ResponsePacket } from 'multicast-dns';
import type { DnsRecord } from '../dns-records.ts';

/** A multicast DNS socket that sends to nobody: tests say what comes, and see what goes. */
export class FakeMulticast extends EventEmitter {
  readonly options: Options;
  readonly asked: DnsRecord[][] = [];
  readonly sent: DnsRecord[][] = [];
  destroyed = false;

  constructor(options: Options) {
    super();
    this.options = options;
  }

  query({ answers }: { answers: DnsRecord[] }): void {
    this.asked.push(answers);
  }

  respond({ answers }: { answers: DnsRecord[] }, done: () => void): void {
    this.sent.push(answers);
    done();
  }

  destroy(done: () => void): void {
    this.destroyed = true;
    done();
  }

  /** A question from a neighbour. */
  hearQuestion(name: string, known: DnsRecord[] = [], from = '10.0.0.9', port = 5353): void {
    const packet = { questions: [{ name, type: 'PTR' }], answers: known };
    this.emit('query', packet, { address: from, port });
  }

  hearAnswer(answers: DnsRecord[], from = '10.0.0.9'): void {
    const bytes = answers.map((r) =>
      r.type === 'TXT' ? { ...r, data: [r.data].flat().map((s) => Buffer.from(s as string)) } : r,
    );
    const packet: Partial<ResponsePacket> = { answers: bytes, additionals: [] };
    this.emit('response', packet, { address: from, port: 5353 });
  }
}

/** Makes them, and shows those that were made. */
export function fakeMulticast(): { made: FakeMulticast[]; make: (o?: Options) => MulticastDNS } {
  const made: FakeMulticast[] = [];
  const make = (options: Options = {}) => {
    const socket = new FakeMulticast(options);
    made.push(socket);
    return socket as unknown as MulticastDNS;
  };
  return { made, make };
}
