import { isIP } from 'node:net';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  Name,
  OtherName,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import { sluiceError } from '@sluice/protocol';

/** Whom a certificate is for. */
export interface Subject {
  CN: string;
  /** Two letters. */
  C?: string | undefined;
  ST?: string | undefined;
  O?: string | undefined;
}

const oids = { C: '2.5.4.6', ST: '2.5.4.8', O: '2.5.4.10', CN: '2.5.4.3' };

/** @throws InvalidArgument */
export function subjectName(subject: Subject): Name {
  if (!subject.CN) throw invalid('subject', 'it needs a common name (CN)');
  if (subject.C !== undefined && !/^[A-Z]{2}$/.test(subject.C)) {
    throw invalid('C', 'a country code of two capital letters');
  }
  const parts: RelativeDistinguishedName[] = [];
  for (const key of ['C', 'ST', 'O', 'CN'] as const) {
    const text = subject[key];
    if (text === undefined) continue;
    if (text.length > 64) throw invalid(key, 'at most 64 characters');
    const value = new AttributeValue(
      key === 'C' ? { printableString: text } : { utf8String: text },
    );
    parts.push(
      new RelativeDistinguishedName([new AttributeTypeAndValue({ type: oids[key], value })]),
    );
  }
  return new Name(parts);
}

/**
 * Reads `dns:name`, `ip:address`, `uri:…`, `email:…`, `rid:1.2.3`, `dirName:CN=…,O=…` or
 * `otherName:1.2.3;text` (the names openssl uses).
 * @throws InvalidArgument
 */
export function alternativeName(text: string): GeneralName {
  const cut = text.indexOf(':');
  const [kind, value] = [text.slice(0, cut).toLowerCase(), text.slice(cut + 1)];
  if (cut < 0 || value === '' || /[^\x20-\x7e]/.test(value)) throw wrongName(text);
  if (kind === 'dns' && /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$/.test(value)) {
    return new GeneralName({ dNSName: value });
  }
  if (kind === 'ip' && isIP(value)) return new GeneralName({ iPAddress: value });
  if (kind === 'uri' && URL.canParse(value)) {
    return new GeneralName({ uniformResourceIdentifier: value });
  }
  if (kind === 'email' && /^[^@\s]+@[^@\s]+$/.test(value)) {
    return new GeneralName({ rfc822Name: value });
  }
  if (kind === 'rid' && isOid(value)) return new GeneralName({ registeredID: value });
  if (kind === 'dirname') return new GeneralName({ directoryName: directoryName(value) });
  const [oid = '', ...rest] = value.split(';');
  if (kind !== 'othername' || !isOid(oid) || rest.length === 0) throw wrongName(text);
  const other = AsnConvert.serialize(new AttributeValue({ utf8String: rest.join(';') }));
  const otherName = new OtherName({ typeId: oid, value: other });
  return new GeneralName({ otherName });
}

function directoryName(text: string): Name {
  const subject: Subject = { CN: '' };
  for (const part of text.split(',')) {
    const [, key, value] = /^\s*(CN|C|ST|O)=(.+)$/.exec(part) ?? [];
    if (!key || !value) throw wrongName(`dirName:${text}`);
    subject[key as keyof Subject] = value;
  }
  return subjectName(subject);
}

function isOid(text: string): boolean {
  return /^[0-2](?:\.\d{1,9})+$/.test(text);
}

function wrongName(text: string) {
  return invalid(
    'san',
    `"${text.slice(0, 80)}" is none of dns:, ip:, uri:, email:, rid:, dirName:, otherName:OID;text`,
  );
}

function invalid(name: string, detail: string) {
  return sluiceError('InvalidArgument', { name, detail });
}
