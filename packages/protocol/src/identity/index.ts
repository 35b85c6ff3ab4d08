export {
  decodeEnrolmentToken,
  type EnrolmentToken,
  encodeEnrolmentToken,
} from './enrolment-token.ts';
export { enrolStatement, rotateStatement, sessionStatement } from './statements.ts';
