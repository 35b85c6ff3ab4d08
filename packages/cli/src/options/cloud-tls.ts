import type { CloudOptions } from '@sluice/cloud';
import { sluiceError } from '@sluice/protocol';
import { InvalidArgumentError, Option } from 'commander';
import { pathValue } from './values.ts';

/** Flags of `sluice cloud` for who it is, and who devices are. */
export interface CloudIdentityFlags {
  tls?: string;
  tlsKey?: string;
  tlsName?: string[];
  enrolment: 'off' | 'required';
}

export function cloudIdentityOptions(): Option[] {
  return [
    ...tlsOptions(),
    new Option(
      '--enrolment <mode>',
      'required: devices that are not enrolled get nothing (with clients of Microsoft it must be off)',
    )
      .choices(['off', 'required'])
      .default('off'),
  ];
}

/** By which certificate it is reached. */
export function tlsOptions(): Option[] {
  return [
    new Option(
      '--tls <own|file>',
      'HTTPS: with an authority of its own, made at the first start, or with a certificate chain (PEM), read again on SIGHUP (default: HTTP)',
    ).argParser(pathValue),
    new Option('--tls-key <file>', 'the key of the certificate (PEM)').argParser(pathValue),
    new Option(
      '--tls-name <name>',
      'with --tls own, a DNS name or IP address under which devices reach it; may be repeated',
    ).argParser(namesValue),
  ];
}

/** @throws InvalidArgument */
export function cloudIdentityOf(
  flags: CloudIdentityFlags,
): Pick<CloudOptions, 'tls' | 'enrolment'> {
  const { tls, tlsKey, tlsName, enrolment } = flags;
  const wrong = (name: string, detail: string) => sluiceError('InvalidArgument', { name, detail });
  if (tlsName && tls !== 'own') throw wrong('--tls-name', 'is for --tls own');
  if (tlsKey !== undefined && (tls === undefined || tls === 'own')) {
    throw wrong('--tls-key', 'is for --tls FILE');
  }
  if (tls === undefined) return { enrolment };
  if (tls === 'own') return { enrolment, tls: { kind: 'own', names: tlsName ?? [] } };
  if (tlsKey === undefined) throw wrong('--tls', 'needs the key of the certificate: --tls-key');
  return { enrolment, tls: { kind: 'files', certFile: tls, keyFile: tlsKey } };
}

function namesValue(text: string, previous: string[] | undefined): string[] {
  const names = text.split(',').map((name) => name.trim());
  const bad = names.find((n) => !/^[\w*.:-]{1,253}$/.test(n));
  if (bad !== undefined) throw new InvalidArgumentError('It must be a DNS name or an IP address.');
  return [...(previous ?? []), ...names];
}
