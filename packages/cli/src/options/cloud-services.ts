import type { ServiceName } from '@sluice/cloud';
import { InvalidArgumentError, Option } from 'commander';
import { baseUrlValue } from './values.ts';

/** By name, each once: told here so that help needs no cloud. */
const known: Record<ServiceName, true> = {
  geo: true,
  'key-value': true,
  'content-policy': true,
  discovery: true,
  array: true,
  events: true,
  admin: true,
};
const serviceNames = Object.keys(known) as ServiceName[];

export interface ServiceFlags {
  services?: ServiceName[];
  serviceUrl?: Partial<Record<ServiceName, string>>;
  arrayInstances?: string[];
  publicUrl?: string;
}

/** Flags of `sluice cloud` for services that run in processes of their own. */
export function serviceOptions(): Option[] {
  const names = serviceNames.join(', ');
  return [
    new Option('--services <list>', `run these only: ${names} (default: all)`).argParser(
      servicesValue,
    ),
    new Option(
      '--service-url <name=url>',
      'where a service is that runs elsewhere; may be repeated',
    ).argParser(serviceUrlValue),
    new Option(
      '--array-instances <url>',
      'the array instances among which contents are shared out, after commas (default: those that registered, see --public-url)',
    ).argParser(urlsValue),
    new Option(
      '--public-url <url>',
      'where devices reach this very process: its array registers with it in the database',
    ).argParser(baseUrlValue),
  ];
}

/** As the cloud takes them. */
export function serviceSettings(flags: ServiceFlags) {
  const { services, serviceUrl: serviceUrls, arrayInstances, publicUrl } = flags;
  return { services, serviceUrls, arrayInstances, publicUrl };
}

function servicesValue(text: string, previous: ServiceName[] | undefined): ServiceName[] {
  return [...new Set([...(previous ?? []), ...text.split(',').map((part) => serviceName(part))])];
}

function serviceName(text: string): ServiceName {
  const name = serviceNames.find((each) => each === text.trim());
  if (name) return name;
  throw new InvalidArgumentError(`It must be of ${serviceNames.join(', ')}.`);
}

function serviceUrlValue(
  text: string,
  previous: ServiceFlags['serviceUrl'],
): ServiceFlags['serviceUrl'] {
  const [, name, url] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || url === undefined)
    throw new InvalidArgumentError('It must be NAME=URL.');
  return { ...previous, [serviceName(name)]: baseUrlValue(url) };
}

function urlsValue(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...text.split(',').map((url) => baseUrlValue(url.trim()))];
}
