export { seededRandom } from './seeded-random.ts';
export { Timeline } from './timeline.ts';
