import { NativeSelect } from '@mantine/core';

const windows = [
  { value: '1', label: 'Today' },
  { value: '7', label: '7 days' },
  { value: '28', label: '28 days' },
  { value: '90', label: '90 days' },
];

/** How many days a page is about. */
export function WindowSelect({ days, onDays }: { days: number; onDays: (days: number) => void }) {
  return (
    <NativeSelect
      aria-label="Days"
      size="xs"
      data={windows}
      value={String(days)}
      onChange={(event) => onDays(Number(event.currentTarget.value))}
    />
  );
}
