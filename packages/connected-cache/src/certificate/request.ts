import { type KeyObject, sign } from 'node:crypto';
import { Attributes, CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  Attribute,
  Extension,
  Extensions,
  GeneralNames,
  id_ce_subjectAltName,
  SubjectPublicKeyInfo,
} from '@peculiar/asn1-x509';
import { sluiceError } from '@sluice/protocol';
import { type KeyKind, signatureOf } from './key-kind.ts';
import { alternativeName, type Subject, subjectName } from './subject.ts';

/** PKCS #9 extensionRequest (RFC 2985 §5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14';

export interface Wish {
  kind: KeyKind;
  subject: Subject;
  /** Subject alternative names, as `alternativeName` reads them; at least one. */
  names: string[];
}

/** A certificate signing request (PKCS #10, RFC 2986) as PEM. @throws InvalidArgument */
export function certificateRequest(
  { kind, subject, names }: Wish,
  { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject },
): string {
  if (names.length === 0) {
    throw sluiceError('InvalidArgument', { name: 'san', detail: 'at least one' });
  }
  const { oid, digest } = signatureOf(kind);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const info = new CertificationRequestInfo({
    version: 0,
    subject: subjectName(subject),
    subjectPKInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    attributes: new Attributes([extensions(names)]),
  });
  const signed = Buffer.from(AsnConvert.serialize(info));
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({
      algorithm: oid,
      // RFC 4055 §5: NULL for RSA; absent for the others (RFC 5758, RFC 8410).
      ...(kind.algorithm === 'RSA' && { parameters: null }),
    }),
    signature: new Uint8Array(sign(digest, signed, privateKey)).buffer,
  });
  return pem('CERTIFICATE REQUEST', Buffer.from(AsnConvert.serialize(request)));
}

function extensions(names: string[]): Attribute {
  const list = new GeneralNames(names.map(alternativeName));
  const extension = new Extension({
    extnID: id_ce_subjectAltName,
    extnValue: new OctetString(AsnConvert.serialize(list)),
  });
  const values = [AsnConvert.serialize(new Extensions([extension]))];
  return new Attribute({ type: extensionRequest, values });
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
