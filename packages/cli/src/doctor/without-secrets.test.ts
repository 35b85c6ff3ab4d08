import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSecrets } from './without-secrets.ts';

test('what strangers may read has no passwords, tokens and signed links', () => {
  const cases: [string, string][] = [
    ['http://u:p@host/a?sig=abc&x=1#f', 'http://***@host/a?sig=***&x=***#f'],
    ['{"url":"https://h/f?token=t","n":1}', '{"url":"https://h/f?token=***","n":1}'],
    ['Authorization: Bearer abc', 'Authorization: ***'],
    ['{"authorization":"Basic xyz","a":2}', '{"authorization":"***","a":2}'],
    ['admin-token=abc password: "x y"', 'admin-token=*** password: "***"'],
    ['http_proxy=http://me:pw@proxy:3128', 'http_proxy=http://***@proxy:3128'],
    ['http://host/path is fine, a@b.example too', 'http://host/path is fine, a@b.example too'],
  ];
  for (const [text, expected] of cases) assert.equal(withoutSecrets(text), expected);
});
