export {
  firstBrokenStatement,
  type HashStatement,
  hashLogStart,
  hashStatementDigest,
  type LoggedStatement,
} from './hash-statement.ts';
