import { generateKeyPairSync, sign } from 'node:crypto';
import { decodeEnrolmentToken, enrolStatement } from '@sluice/protocol';

/** Asks the cloud as an admin. */
export type Ask = (where: string, body?: object, method?: string) => Promise<unknown>;

/** The cloud may take in files of it, and nobody answers there. */
export const ingestHost = '127.0.0.1:9';

/** What admins have done of what is rare: a rule, a block, a job of ingestion, an enrolled device. */
export async function seedAdmin(ask: Ask): Promise<void> {
  const rule = {
    Name: 'models',
    Match: { UrlPrefixes: ['https://downloads.example/models/'], Callers: ['model-.*'] },
    Allow: { Http: false, P2P: true },
    Policies: { MaxCacheAgeSecs: 2_592_000 },
  };
  await ask('/admin/content-policy', { Rules: [rule] }, 'PUT');
  await ask('/admin/blocks', {
    ...{ UrlPrefix: 'https://downloads.example/os/update-2026-10', Then: 'Fail' },
    Reason: 'Recalled: devices with two screens do not start',
  });
  await ask('/admin/ingest', { Urls: [`http://${ingestHost}/pool/editor.deb`] });
  await ask('/admin/enrolments', { Tenant: 'lab', Uses: 500 });
  const { Token } = (await ask('/admin/enrolments', {})) as { Token: string };
  await enrol(ask, Token);
}

async function enrol(ask: Ask, token: string): Promise<void> {
  const { secret: Secret } = decodeEnrolmentToken(token);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const PublicKey = String(publicKey.export({ format: 'jwk' }).x);
  const { Cloud } = (await ask('/identity', undefined, 'GET')) as { Cloud: string };
  const statement = enrolStatement({ cloud: Cloud, secret: Secret, publicKey: PublicKey });
  const Signature = sign(null, statement, privateKey).toString('base64url');
  await ask('/identity/enrol', { Secret, PublicKey, Signature });
}
