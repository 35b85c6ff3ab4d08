/** The services of a cloud: all in one process, or each in processes of its own. */
export const serviceNames = [
  'geo',
  'key-value',
  'content-policy',
  'discovery',
  'array',
  'events',
  'admin',
] as const;
export type ServiceName = (typeof serviceNames)[number];
