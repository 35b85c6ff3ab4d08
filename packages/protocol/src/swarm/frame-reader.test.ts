import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ErrorCode, isSluiceError } from '../errors/index.ts';
import { FrameReader } from './frame-reader.ts';
import { maxBlockLength, maxMessageLength, type SwarmMessage } from './message.ts';
import { encodeMessage, encodePieceHeader } from './write-message.ts';

/** A message, or a piece message with its content. */
type Sent = SwarmMessage | { type: 'piece'; piece: number; offset: number; data: Uint8Array };

/** Puts together again what a reader gives. */
class Recorder {
  readonly got: Sent[] = [];
  #parts: Uint8Array[] | undefined;
  #start = { piece: 0, offset: 0, length: 0 };

  onMessage(m: SwarmMessage): void {
    assert.equal(this.#parts, undefined, 'no message inside a piece');
    // The views hold for this call only.
    if (m.type === 'bitfield') this.got.push({ ...m, bits: m.bits.slice() });
    else if (m.type === 'extension') this.got.push({ ...m, body: m.body.slice() });
    else this.got.push(m);
  }
  onPieceStart(piece: number, offset: number, length: number): void {
    this.#start = { piece, offset, length };
    this.#parts = [];
  }
  onPieceData(view: Uint8Array): void {
    assert.ok(view.length > 0);
    this.#parts!.push(Uint8Array.from(view));
  }
  onPieceEnd(): void {
    const { length, ...place } = this.#start;
    const data = Uint8Array.from(Buffer.concat(this.#parts!));
    assert.equal(data.length, length);
    this.got.push({ type: 'piece', ...place, data });
    this.#parts = undefined;
  }
}

function encode(m: Sent): Uint8Array {
  if (m.type !== 'piece') return encodeMessage(m);
  return Buffer.concat([encodePieceHeader(m.piece, m.offset, m.data.length), m.data]);
}

function read(bytes: Uint8Array): Sent[] {
  const recorder = new Recorder();
  new FrameReader(recorder).push(bytes);
  return recorder.got;
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const place = { piece: u32, offset: fc.nat(60_000_000) };
const bytes = (min: number) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.uint8Array({ minLength: min, maxLength: 40 }) },
    // Longer than the buffer that bodies are put together in.
    fc.integer({ min: 4000, max: 20_000 }).map((n) => new Uint8Array(n).fill(n)),
  );
const sent: fc.Arbitrary<Sent> = fc.oneof(
  fc.constantFrom<Sent[]>(
    ...(['keepAlive', 'choke', 'unchoke', 'interested', 'notInterested'] as const).map((type) => ({
      type,
    })),
  ),
  fc.record({ type: fc.constant('have' as const), piece: u32 }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('bitfield' as const), bits: bytes(1) }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constantFrom('request' as const, 'cancel' as const),
      ...place,
      length: fc.integer({ min: 1, max: maxBlockLength }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('extension' as const), id: fc.nat(255), body: bytes(0) },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('piece' as const), ...place, data: bytes(1) },
    { noNullPrototype: true },
  ),
);
const messages = fc.array(sent, { maxLength: 12 });
/** Chunk sizes, used over and over. */
const cuts = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 30 }), fc.nat(9000)), {
  minLength: 1,
  maxLength: 12,
});

function* chunks(stream: Uint8Array, sizes: number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    yield stream.subarray(at, at + size);
    at += size;
  }
}

test('any chunking of any messages gives these messages', () => {
  fc.assert(
    fc.property(messages, cuts, (list, sizes) => {
      const stream = Buffer.concat(list.map(encode));
      const recorder = new Recorder();
      const reader = new FrameReader(recorder);
      // One buffer for all chunks, overwritten each time, as a socket's read buffer is.
      const socketBuffer = new Uint8Array(9000);
      for (const chunk of chunks(stream, sizes)) {
        socketBuffer.set(chunk);
        reader.push(socketBuffer.subarray(0, chunk.length));
        socketBuffer.fill(0xee);
      }
      assert.deepEqual(recorder.got, list);
      assert.equal(reader.pieceBytesLeft, 0);
    }),
    { numRuns: 300 },
  );
});

test('byte by byte and all at once give the same', () => {
  fc.assert(
    fc.property(messages, (list) => {
      const stream = Buffer.concat(list.map(encode));
      assert.deepEqual(read(stream), list);
      const recorder = new Recorder();
      const reader = new FrameReader(recorder);
      for (const chunk of chunks(stream, [1])) reader.push(chunk);
      assert.deepEqual(recorder.got, list);
    }),
    { numRuns: 60 },
  );
});

test('content read straight into place by the caller is counted, not passed on', () => {
  fc.assert(
    fc.property(messages, cuts, fc.infiniteStream(fc.boolean()), (list, sizes, direct) => {
      const stream = Buffer.concat(list.map(encode));
      const recorder = new Recorder();
      const reader = new FrameReader(recorder);
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = Math.min(Math.max(1, sizes[i % sizes.length]!), stream.length - at);
        if (reader.pieceBytesLeft > 0 && direct.next().value) {
          const n = Math.min(reader.pieceBytesLeft, size);
          recorder.onPieceData(stream.subarray(at, at + n));
          reader.skipPieceData(n);
          at += n;
        } else {
          reader.push(stream.subarray(at, at + size));
          at += size;
        }
      }
      assert.deepEqual(recorder.got, list);
    }),
    { numRuns: 200 },
  );
});

test('content is a view into the chunk, and the chunk itself when it is all content', () => {
  const views: Uint8Array[] = [];
  const handler = Object.assign(new Recorder(), { onPieceData: (v: Uint8Array) => views.push(v) });
  const reader = new FrameReader(Object.assign(handler, { onPieceEnd: () => undefined }));
  const first = Buffer.concat([encodePieceHeader(3, 0, 100), new Uint8Array(40)]);
  const second = new Uint8Array(50);
  reader.push(first);
  assert.equal(reader.pieceBytesLeft, 60);
  reader.push(second);
  assert.equal(reader.pieceBytesLeft, 10);
  assert.equal(views[0]!.buffer, first.buffer);
  assert.equal(views[1], second);
});

test('skipping more than there is, or not a number, is refused', () => {
  const reader = new FrameReader(new Recorder());
  assert.throws(() => reader.skipPieceData(1), RangeError);
  reader.skipPieceData(0);
  reader.push(encodePieceHeader(0, 0, 5));
  for (const n of [6, -1, 0.5, Number.NaN]) {
    assert.throws(() => reader.skipPieceData(n), RangeError);
  }
  assert.equal(reader.pieceBytesLeft, 5);
});

test('refuses what no message can be', () => {
  const cases: [string, ErrorCode][] = [
    ['ffffffff', 'MessageTooLong'],
    ['001f4001', 'MessageTooLong'],
    ['0000000109', 'InvalidMessage'], // unknown type
    ['0000000200', 'InvalidMessage'], // choke with a body
    ['0000000104', 'InvalidMessage'], // have without a piece
    ['0000000105', 'InvalidMessage'], // bitfield without bits
    ['0000000c06', 'InvalidMessage'], // request cut short
    ['0000000907', 'InvalidMessage'], // piece without content
    ['0000000114', 'InvalidMessage'], // extension without id
    ['0010000314', 'MessageTooLong'], // extension of 1 MiB + 1
    ['0000000d06000000000000000000000000', 'InvalidMessage'], // request of nothing
    ['0000000d060000000000000000001f3ff8', 'InvalidMessage'], // request of more than a message holds
    ['0000000d0600000000ffffffff00000001', 'InvalidMessage'], // request beyond any piece
    ['0000000a0700000000ffffffff', 'InvalidMessage'], // content beyond any piece
    ['485454502f312e31', 'MessageTooLong'], // "HTTP/1.1"
  ];
  for (const [hex, code] of cases) {
    const reader = new FrameReader(new Recorder());
    const wrong = Buffer.from(hex, 'hex');
    assert.throws(
      () => reader.push(wrong),
      (e) => isSluiceError(e, code),
      hex,
    );
    assert.throws(
      () => reader.push(new Uint8Array(4)),
      (e) => isSluiceError(e, code),
      hex,
    );
    assert.throws(
      () => reader.skipPieceData(0),
      (e) => isSluiceError(e, code),
      hex,
    );
  }
});

test('takes messages of the greatest length', () => {
  const bits = new Uint8Array(maxMessageLength - 1).fill(1);
  const body = new Uint8Array(1_048_576).fill(2);
  const data = new Uint8Array(maxBlockLength).fill(3);
  const list: Sent[] = [
    { type: 'bitfield', bits },
    { type: 'extension', id: 255, body },
    { type: 'piece', piece: 0xffff_ffff, offset: 0, data },
  ];
  const recorder = new Recorder();
  const reader = new FrameReader(recorder);
  for (const chunk of chunks(Buffer.concat(list.map(encode)), [65536])) reader.push(chunk);
  assert.deepEqual(recorder.got, list);
});

test('what the handler throws ends the stream', () => {
  const stop = new Error('enough');
  const handler = Object.assign(new Recorder(), {
    onMessage: () => {
      throw stop;
    },
  });
  const reader = new FrameReader(handler);
  assert.throws(() => reader.push(new Uint8Array(8)), stop);
  assert.throws(() => reader.push(new Uint8Array(8)), stop);
});

test('random bytes throw nothing but errors of the protocol', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Plausible beginnings, to get past the length.
    fc
      .array(fc.tuple(fc.nat(20), fc.nat(20), fc.uint8Array({ maxLength: 20 })))
      .map((list) => Buffer.concat(list.map(([n, type, b]) => Buffer.of(0, 0, 0, n, type, ...b)))),
  );
  fc.assert(
    fc.property(garbage, cuts, (stream, sizes) => {
      const reader = new FrameReader(new Recorder());
      try {
        for (const chunk of chunks(stream, sizes)) reader.push(chunk);
      } catch (e) {
        assert.ok(isSluiceError(e, 'InvalidMessage') || isSluiceError(e, 'MessageTooLong'), `${e}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a flood of announced but unsent bodies takes no memory', () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 500 }, () => new FrameReader(new Recorder()));
  for (const reader of readers) reader.push(Buffer.from('001f400005ffff', 'hex'));
  const perReader = (process.memoryUsage().arrayBuffers - before) / readers.length;
  assert.ok(perReader < 10_000, `${perReader} bytes`);
});
