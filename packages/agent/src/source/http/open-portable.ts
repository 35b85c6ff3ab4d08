import type { Clock } from '@sluice/protocol';
import { HttpSource } from './http-source.ts';
import { KnownObject } from './known-object.ts';
import type { PortableSource } from './portable-source.ts';
import { HostSlots } from './wire/host-slots.ts';

/** The source in the other thread. It reads plain HTTP only: whatever else it meets is a failure. */
export function openPortable({ url, object, ...rest }: PortableSource, clock: Clock): HttpSource {
  return new HttpSource(
    {
      ...rest,
      ...{ url: new URL(url), clock, probeBytes: 0, slots: new HostSlots(), generalOnly: false },
      ...{ ca: undefined, client: undefined, routes: undefined, loadGeneral: undefined },
      span: undefined,
      onFault: () => {},
    },
    new KnownObject(object),
  );
}
