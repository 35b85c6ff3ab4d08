import { readFile } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import { print, printJson } from '../terminal/print.ts';

export interface CsrFlags {
  algorithm: string;
  keySize?: string;
  cn: string;
  country?: string;
  state?: string;
  organization?: string;
  san: string[];
  folder: string;
  json?: boolean;
}

/** Makes the key and the request of a node, and says where they are. */
export async function csr(flags: CsrFlags): Promise<void> {
  const { certificatePaths, parseKeyKind, requestCertificate } = await import(
    '@sluice/connected-cache'
  );
  const { cn, country, state, organization } = flags;
  const request = await requestCertificate(flags.folder, {
    kind: parseKeyKind(flags.algorithm, flags.keySize),
    subject: { CN: cn, C: country, ST: state, O: organization },
    names: flags.san,
  });
  const { key, request: path } = certificatePaths(flags.folder);
  if (flags.json) printJson({ Request: path, Key: key, Pem: request });
  else print(`${path}: have it signed, then: sluice cache-node import-cert <file>`);
}

export async function importCert(
  file: string,
  { folder, json }: { folder: string; json?: boolean },
): Promise<void> {
  const { certificatePaths, importCertificate } = await import('@sluice/connected-cache');
  const bytes = await readFile(file).catch((cause: Error) => {
    throw sluiceError('InvalidArgument', { name: 'file', detail: cause.message }, { cause });
  });
  const certificate = await importCertificate(folder, bytes, new Date());
  const { subjectAltName: names, validTo } = certificate;
  const path = certificatePaths(folder).certificate;
  if (json) printJson({ Certificate: path, SubjectAltName: names, ValidTo: validTo });
  else print(`${path}: for ${names}, until ${validTo}; a running node takes it up on SIGHUP`);
}
