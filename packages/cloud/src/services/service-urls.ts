import type { FastifyRequest } from 'fastify';
import { baseUrl } from '../http/base-url.ts';
import type { ServiceName } from './service-names.ts';

/** Where the services are, for those who ask for one of them: this cloud has all, or names who has the others. */
export class ServiceUrls {
  readonly #elsewhere: Partial<Record<ServiceName, string>>;
  readonly #listenUrl: () => string;

  /** @param elsewhere base URLs, without a slash at the end, of services that run somewhere else */
  constructor(elsewhere: Partial<Record<ServiceName, string>>, listenUrl: () => string) {
    this.#elsewhere = elsewhere;
    this.#listenUrl = listenUrl;
  }

  /** The base URL of a service for this caller, without a slash at the end. */
  of(service: ServiceName, request: FastifyRequest): string {
    return this.#elsewhere[service] ?? baseUrl(request, this.#listenUrl());
  }
}
