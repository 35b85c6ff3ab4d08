/** Bytes of one frame's length and type (wire.md §2). */
const head = 5;
const extensionHead = head + 1;
/** A join request, its reply without peers, and one peer in it: JSON over HTTPS, with headers. */
const join = { request: 900, reply: 300, peer: 130 };
/** Content of a request message, as the agent asks for it. */
export const requestBytes = 1 << 20;

/**
 * What the fleet sends beside payload, estimated from the sizes on the wire (wire.md §2, the
 * extensions of ARCHITECTURE.md). It is counted, not sent: beside the payload it is small.
 */
export class ControlBytes {
  haves = 0;
  requests = 0;
  claims = 0;
  /** Handshakes, hellos, bitfields, chokes, interest. */
  greetings = 0;
  /** Joins and their replies. */
  array = 0;

  have(receivers: number): void {
    this.haves += receivers * (head + 4);
  }

  /** A piece asked for and sent: the requests and the heads of the messages that carry it. */
  request(pieceBytes: number): void {
    this.requests += Math.ceil(pieceBytes / requestBytes) * (head + 12 + head + 8);
  }

  cancel(): void {
    this.requests += head + 12;
  }

  claim(runs: number, receivers: number): void {
    this.claims += receivers * (extensionHead + 6 + 8 * runs);
  }

  /** Handshake, bitfield, hello and its answer, both ways. */
  connect(pieceCount: number): void {
    const hello = extensionHead + 70;
    this.greetings += 2 * (75 + head + Math.ceil(pieceCount / 8) + hello + extensionHead + 6);
  }

  /** Choke, unchoke, interested, not interested. */
  turn(): void {
    this.greetings += head;
  }

  join(peers: number): void {
    this.array += join.request + join.reply + peers * join.peer;
  }

  get total(): number {
    return this.haves + this.requests + this.claims + this.greetings + this.array;
  }
}
