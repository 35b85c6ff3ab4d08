import { parseHours } from './limited-hours.ts';
import type { PolicyForm, PolicySpec, PolicyValue } from './policy-spec.ts';

const maxTextLength = 4_096;
const maxHosts = 16;
const maxHostLength = 300;
const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;

/** A value that is right, or why it is not, to be read after the name of the setting. */
export type Checked = { value: PolicyValue } | { reason: string };

/** Checks a value from outside. Numbers may come as text, booleans stand for 0 and 1. */
export function checkPolicyValue(spec: PolicySpec, given: unknown): Checked {
  return checkForm(spec.form, typeof given === 'string' ? given.trim() : given);
}

function checkForm(form: PolicyForm, given: unknown): Checked {
  switch (form.kind) {
    case 'integer': {
      const { min, max, unit } = form;
      const number = numberOf(given);
      if (number !== undefined && number >= min && number <= max) return { value: number };
      return { reason: `it takes a whole number from ${min} to ${max} (${unit}), ${not(given)}` };
    }
    case 'choice': {
      const number = numberOf(given);
      if (number !== undefined && Object.hasOwn(form.choices, number)) return { value: number };
      return { reason: `it takes ${choicesText(form.choices)}, ${not(given)}` };
    }
    case 'guid': {
      const match = typeof given === 'string' ? guid.exec(given) : null;
      if (match) return { value: match[1]! };
      return { reason: `it takes a GUID, ${not(given)}` };
    }
    case 'text':
      if (isText(given)) return { value: given };
      return { reason: `it takes a text of up to ${maxTextLength} characters` };
    case 'hosts':
      return checkHosts(given);
    case 'hours': {
      const hours = parseHours(given);
      return typeof hours === 'string' ? { reason: hours } : { value: hours };
    }
  }
}

/** `0 (none), 1 (subnet) or 2 (local discovery)`. */
export function choicesText(choices: Readonly<Record<number, string>>): string {
  const all = Object.entries(choices).map(([number, name]) => `${number} (${name})`);
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function checkHosts(given: unknown): Checked {
  const text = Array.isArray(given) && given.every(isText) ? given.join(',') : given;
  if (!isText(text)) return { reason: 'it takes host names after commas' };
  const hosts = hostsIn(text);
  if (hosts.length > maxHosts) return { reason: `it takes ${maxHosts} hosts at the most` };
  const bad = hosts.find((host) => host.length > maxHostLength || /[\s/\\@?#]/.test(host));
  if (bad !== undefined) return { reason: `'${short(bad)}' is no HOST or HOST:PORT` };
  return { value: hosts.join(',') };
}

/** The hosts of a comma list, best first. */
export function hostsIn(list: string): string[] {
  return list
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}

function isText(given: unknown): given is string {
  return typeof given === 'string' && given.length <= maxTextLength && !given.includes('\0');
}

function numberOf(given: unknown): number | undefined {
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given === 'string') return /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  return Number.isSafeInteger(given) ? (given as number) : undefined;
}

function not(given: unknown): string {
  return `not '${short(typeof given === 'object' ? JSON.stringify(given) : String(given))}'`;
}

/** What others wrote is repeated in messages no longer than this. */
export function short(text: string): string {
  const printable = text.replace(/[^\P{C}]/gu, '�');
  return printable.length > 60 ? `${printable.slice(0, 60)}…` : printable;
}
