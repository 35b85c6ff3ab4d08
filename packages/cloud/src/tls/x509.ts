import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralNames,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** ecdsa-with-SHA256 (RFC 5758). */
const signature = () => new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
const commonName = '2.5.4.3';

export interface Issue {
  /** Common names. */
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  issuerPublicKey: KeyObject;
  /** EC, P-256. */
  issuerKey: KeyObject;
  notBefore: Date;
  notAfter: Date;
  /** DNS names and IP addresses that it is for; undefined: it is an authority's, for nothing but servers. */
  names: string[] | undefined;
}

/** Makes and signs a certificate (X.509 v3, RFC 5280). @returns PEM */
export function issueCertificate(issue: Issue): string {
  const { subject, issuer, publicKey, issuerKey, notBefore, notAfter } = issue;
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: signature(),
    issuer: nameOf(issuer),
    validity: new Validity({ notBefore, notAfter }),
    subject: nameOf(subject),
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions(extensionsOf(issue)),
  });
  const signed = sign('sha256', Buffer.from(AsnConvert.serialize(body)), issuerKey);
  const certificate = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: signature(),
    signatureValue: new Uint8Array(signed).buffer,
  });
  return pem('CERTIFICATE', Buffer.from(AsnConvert.serialize(certificate)));
}

/** SHA-256 of a public key as it stands in certificates, base64url: what enrolment tokens name. */
export function pinOf(publicKey: KeyObject): string {
  return createHash('sha256').update(spkiOf(publicKey)).digest('base64url');
}

function extensionsOf({ publicKey, issuerPublicKey, names }: Issue): Extension[] {
  const isAuthority = names === undefined;
  const usage = isAuthority
    ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
    : KeyUsageFlags.digitalSignature;
  const list = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: isAuthority }), true),
    extension(id_ce_keyUsage, new KeyUsage(usage), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({
        keyIdentifier: new SubjectKeyIdentifier(keyIdOf(issuerPublicKey)),
      }),
    ),
  ];
  if (isAuthority) return list;
  const alternative = new GeneralNames(
    names.map((n) => new GeneralName(isIP(n) ? { iPAddress: n } : { dNSName: n })),
  );
  return [
    ...list,
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectAltName, alternative),
  ];
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text.slice(0, 64) });
  return new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })]),
  ]);
}

/** Positive, as RFC 5280 §4.1.2.2 has it, and nothing that somebody could foresee. */
function serialNumber(): ArrayBuffer {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.buffer;
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

function keyIdOf(publicKey: KeyObject): ArrayBuffer {
  const digest = createHash('sha256').update(spkiOf(publicKey)).digest();
  return new Uint8Array(digest.subarray(0, 20)).buffer;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
