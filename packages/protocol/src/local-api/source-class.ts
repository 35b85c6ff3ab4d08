/**
 * How bytes are counted (admin.md §2): the HTTP source itself, a cache host, or a peer by how it was
 * found.
 */
export const sourceClasses = ['http', 'cache', 'Lan', 'LinkLocal', 'Group', 'Internet'] as const;
export type SourceClass = (typeof sourceClasses)[number];
