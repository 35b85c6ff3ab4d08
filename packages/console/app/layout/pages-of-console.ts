/** What the menu shows, in groups. */
export const menu: { group: string; pages: { path: string; name: string }[] }[] = [
  {
    group: 'Deliver',
    pages: [
      { path: '', name: 'Overview' },
      { path: 'content', name: 'Content' },
    ],
  },
];
