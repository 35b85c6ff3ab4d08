export { type CountedTimes, Histogram } from './histogram.ts';
export { type Labelled, MetricsText, metricsType } from './metrics-text.ts';
