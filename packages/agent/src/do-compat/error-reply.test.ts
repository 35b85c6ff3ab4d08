import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sluiceError } from '@sluice/protocol';
import { hresultOf } from '../jobs/hresult-of.ts';
import { diskError } from '../store/index.ts';
import { DoError, errorReply, hresults } from './do-error.ts';
import { formatReply } from './format-reply.ts';

suite('error replies (do-client-contract.md §3)', () => {
  for (const [name, status, code] of [
    ['notSet', 404, -2147023728],
    ['invalidArgument', 400, -2147024809],
    ['unsupported', 400, -2147024846],
    ['notImplemented', 400, -2147467263],
    ['invalidState', 400, -2133843949],
    ['readOnlyProperty', 400, -2133843950],
    ['unknownProperty', 400, -2133843951],
    ['invalidUrl', 400, -2146697214],
    ['badEscape', 500, -2147024322],
    ['outOfMemory', 503, -2147024882],
    ['noService', 400, -2133848063],
  ] as const) {
    test(name, () => {
      const reply = errorReply(new DoError(hresults[name], ''));
      assert.deepEqual(reply, { status, body: `{ "ErrorCode": ${code} }` });
    });
  }

  test('errors of the system by their number, the unexpected as an exception', () => {
    const full = Object.assign(new Error('x'), { code: 'EROFS', errno: -30, syscall: 'open' });
    const { body } = errorReply(diskError(full, '/f', 'target'));
    assert.equal(body, `{ "ErrorCode": ${0xc0d00000 | 30 | 0} }`);
    assert.equal(errorReply(new TypeError('x')).status, 500);
    assert.equal(errorReply(sluiceError('JobInvalidState')).body, '{ "ErrorCode": -2133843949 }');
    assert.match(
      formatReply(503, 'x'),
      /^HTTP\/1\.1 503 ServiceUnavailable\r\nContent-Length: 1\r\n/,
    );
  });

  test('HTTP statuses (do-client-contract.md §5)', () => {
    const groups: Record<string, number[]> = {
      '801901f4': [300, 500, 503],
      '80190003': [301, 302, 303],
      '80190194': [404, 410],
      '801901f6': [305, 502, 504],
      '80190190': [400, 405, 409, 411, 412, 414, 415],
      '80190191': [401],
      '80190193': [403],
      '80190196': [406],
      '80190197': [407],
      '80190198': [408],
      '8019019d': [413],
      '801901f5': [501, 505],
      '80190001': [416, 418, 429, 507],
    };
    for (const [code, statuses] of Object.entries(groups)) {
      for (const status of statuses) {
        const error = sluiceError('SourceStatus', { url: 'u', status });
        assert.equal(hresultOf(error).toString(16), code, `${status}`);
      }
    }
  });
});
