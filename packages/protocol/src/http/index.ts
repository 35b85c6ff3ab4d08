export { maxHeadLength, ReadAhead } from './read-ahead.ts';
export { malformedAnswer, maxInterim, type ResponseHead, takeHead } from './response-head.ts';
