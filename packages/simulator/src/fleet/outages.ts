import type { World } from '../device/world.ts';
import type { Outage } from '../scenario/schema.ts';

/** Whether it is a time without. */
export function isOut(world: World, outages: readonly Outage[] | undefined): boolean {
  const seconds = world.timeline.now() / 1000;
  return (
    outages?.some(({ from, to = Number.POSITIVE_INFINITY }) => seconds >= from && seconds < to) ??
    false
  );
}

/** Has it told when such a time begins and ends. */
export function schedule(
  world: World,
  outages: readonly Outage[] | undefined,
  tell: (down: boolean) => void,
): void {
  for (const { from, to } of outages ?? []) {
    world.timeline.setTimer(1000 * from, () => tell(true));
    if (to !== undefined) world.timeline.setTimer(1000 * to, () => tell(false));
  }
}
