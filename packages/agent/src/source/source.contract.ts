/**
 * The contract suite that every implementation of `Source` runs.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isSluiceError } from '@sluice/protocol';
import fc from 'fast-check';
import type { Source } from './source.ts';
import { CollectingSink } from './testing/collecting-sink.ts';

/** A source and the far side it fetches from. */
export interface SourceFixture extends AsyncDisposable {
  readonly source: Source;
  /** The far side does not answer what it is asked next. */
  holdNext(): void;
  /** The far side cuts off the next body it sends, after `bytes` bytes. */
  cutNextAfter(bytes: number): void;
  /** Resolves when the far side has nothing under way. */
  quiet(): Promise<void>;
}

const size = 24 * 1_048_576 + 12_345;
const words = new Int32Array(Math.ceil(size / 4)).map((_, i) => Math.imul(i, 2_654_435_761));
const content = Buffer.from(words.buffer, 0, size);
const never = new AbortController().signal;
const infinity = Number.POSITIVE_INFINITY;

/**
 * Defines the suite for one implementation.
 * @param makeSourceFor a fresh source, not yet opened, of exactly these bytes.
 * @param heldBytes what this process may hold of them, a far side that is in it included.
 */
export function sourceContract(
  name: string,
  makeSourceFor: (bytes: Uint8Array) => Promise<SourceFixture>,
  heldBytes = 4 * 1_048_576,
): void {
  const make = () => makeSourceFor(content);

  describe(`source contract: ${name}`, () => {
    it('tells the facts', async () => {
      await using far = await make();
      const facts = await far.source.open(never);
      assert.equal(facts.contentLength, size);
      assert.equal(facts.ranges, true);
      assert.ok(far.source.label.length > 0);
    });

    it('delivers exactly the bytes of any range, into space of any size', async () => {
      await using far = await make();
      await far.source.open(never);
      const runs = fc.record({
        start: fc.oneof(fc.constant(0), fc.nat(size)),
        length: fc.oneof(fc.nat(3), fc.nat(2_000_000)),
        spaceSize: fc.oneof(fc.integer({ min: 1_000, max: 70_000 }), fc.constant(1_048_576)),
      });
      const property = fc.asyncProperty(runs, async ({ start, length, spaceSize }) => {
        const end = Math.min(size, start + length);
        const sink = new CollectingSink(infinity, spaceSize);
        await far.source.fetch({ start, end }, sink, never);
        assert.ok(sink.bytes.equals(content.subarray(start, end)));
      });
      await fc.assert(property, { numRuns: 40 });
    });

    it('delivers to the end of the body', async () => {
      await using far = await make();
      await far.source.open(never);
      const sink = new CollectingSink();
      await far.source.fetch({ start: 1000, end: infinity }, sink, never);
      assert.ok(sink.bytes.equals(content.subarray(1000)));
    });

    it('delivers several ranges at once', async () => {
      await using far = await make();
      await far.source.open(never);
      const starts = [0, 1, 3_000_000, 7_000_001, size - 700_000];
      await Promise.all(
        starts.map(async (start) => {
          const sink = new CollectingSink();
          await far.source.fetch({ start, end: start + 700_000 }, sink, never);
          assert.ok(sink.bytes.equals(content.subarray(start, start + 700_000)));
        }),
      );
      assert.equal(far.source.activeConnections, 0);
    });

    it('stops reading while there is no space, and goes on after', async () => {
      await using far = await make();
      await far.source.open(never);
      const sink = new CollectingSink(100_000);
      const before = process.memoryUsage().arrayBuffers;
      const fetched = far.source.fetch({ start: 0, end: size }, sink, never);
      for (const more of [1, 65_536, 1_048_576, 3_000_001]) {
        await sink.starved;
        // Turns enough to read all of it, were it not for the pause.
        for (let i = 0; i < 300; i++) await turn();
        const held = process.memoryUsage().arrayBuffers - before - sink.length;
        assert.ok(held < heldBytes, `${held} bytes are held`);
        sink.allow(more);
      }
      sink.allow(size);
      await fetched;
      assert.ok(sink.bytes.equals(content));
    });

    it('rejects at once when aborted, frees the connection, and stays of use', async () => {
      await using far = await make();
      await far.source.open(never);
      const abort = new AbortController();
      const sink = new CollectingSink(500_000);
      const fetched = far.source.fetch({ start: 0, end: size }, sink, abort.signal);
      await sink.starved;
      assert.ok(far.source.activeConnections >= 1);
      abort.abort();
      await assert.rejects(fetched, (error) => isSluiceError(error, 'Cancelled'));
      assert.equal(far.source.activeConnections, 0);
      await far.quiet();
      const got = sink.length;
      sink.allow(size);
      await turn();
      assert.equal(sink.length, got);
      assert.ok(sink.bytes.equals(content.subarray(0, got)));
      const next = new CollectingSink();
      await far.source.fetch({ start: got, end: got + 1000 }, next, never);
      assert.ok(next.bytes.equals(content.subarray(got, got + 1000)));
    });

    it('rejects at once when aborted before the first byte', async () => {
      await using far = await make();
      await far.source.open(never);
      far.holdNext();
      const abort = new AbortController();
      const sink = new CollectingSink();
      const fetched = far.source.fetch({ start: 2_000_000, end: size }, sink, abort.signal);
      await turn();
      abort.abort();
      await assert.rejects(fetched, (error) => isSluiceError(error, 'Cancelled'));
      assert.equal(far.source.activeConnections, 0);
      await far.quiet();
      const aborted = far.source.fetch({ start: 0, end: 1 }, sink, AbortSignal.abort());
      await assert.rejects(aborted, (error) => isSluiceError(error, 'Cancelled'));
      assert.equal(sink.length, 0);
    });

    it('gives a sink nothing more that aborts while it is given bytes', async () => {
      await using far = await make();
      await far.source.open(never);
      for (const start of [0, 2_000_000]) {
        const abort = new AbortController();
        const sink = new CollectingSink(infinity, 1000);
        sink.onFilled = () => abort.abort();
        const fetched = far.source.fetch({ start, end: size }, sink, abort.signal);
        await assert.rejects(fetched, (error) => isSluiceError(error, 'Cancelled'));
        await far.quiet();
        assert.ok(sink.length > 0 && sink.length <= 1000);
        assert.equal(far.source.activeConnections, 0);
      }
    });

    it('rejects when cut off in mid-run; the bytes so far are right', async () => {
      await using far = await make();
      await far.source.open(never);
      far.cutNextAfter(300_000);
      const start = 2_000_000;
      const sink = new CollectingSink(infinity, 50_000);
      await assert.rejects(
        far.source.fetch({ start, end: start + 1_000_000 }, sink, never),
        (error) => isSluiceError(error) && error.params.retryable === true,
      );
      assert.ok(sink.length <= 300_000);
      assert.ok(sink.bytes.equals(content.subarray(start, start + sink.length)));
      assert.equal(far.source.activeConnections, 0);
    });

    it('rejects with what the sink throws, and stays of use', async () => {
      await using far = await make();
      await far.source.open(never);
      const thrown = new CollectingSink();
      thrown.fault = new Error('no space for you');
      const refused = new CollectingSink(100_000);
      const fetches = [thrown, refused].map((s) =>
        far.source.fetch({ start: 5, end: size }, s, never),
      );
      const outcome = assert.rejects(fetches[0]!, thrown.fault);
      await refused.starved;
      await turn();
      refused.refuse(new Error('no room ever'));
      await assert.rejects(fetches[1]!, { message: 'no room ever' });
      await outcome;
      assert.equal(far.source.activeConnections, 0);
      const next = new CollectingSink();
      await far.source.fetch({ start: 7, end: 9 }, next, never);
      assert.equal(next.length, 2);
    });

    it('ends everything when closed', async () => {
      await using far = await make();
      await far.source.open(never);
      const sinks = [new CollectingSink(1000), new CollectingSink(1000)];
      const fetches = sinks.map((sink) => far.source.fetch({ start: 5, end: size }, sink, never));
      const outcomes = Promise.allSettled(fetches);
      // Over a single connection the first one holds up the other.
      await Promise.any(sinks.map((sink) => sink.starved));
      await far.source.close();
      for (const outcome of await outcomes) {
        assert.ok(outcome.status === 'rejected' && isSluiceError(outcome.reason, 'SourceClosed'));
      }
      assert.equal(far.source.activeConnections, 0);
      await far.quiet();
      const closed = (error: unknown) => isSluiceError(error, 'SourceClosed');
      await assert.rejects(far.source.open(never), closed);
      await assert.rejects(far.source.fetch({ start: 0, end: 1 }, sinks[0]!, never), closed);
    });
  });
}
