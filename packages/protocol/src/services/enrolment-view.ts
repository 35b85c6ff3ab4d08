/** A token with which devices enrol: `GET /admin/enrolments`. Times are of ISO 8601. */
export interface EnrolmentView {
  Id: string;
  Tenant: string;
  GroupId: string | null;
  UsesLeft: number;
  CreatedAt: string;
  ExpiresAt: string;
  State: 'Valid' | 'UsedUp' | 'Expired' | 'Revoked';
}

/** A device that is enrolled, or was: `GET /admin/devices`. Times are of ISO 8601. */
export interface EnrolledDeviceView {
  DeviceId: string;
  Tenant: string;
  GroupId: string | null;
  EnrolmentId: string;
  EnrolledAt: string;
  KeySince: string;
  LastSeenAt: string;
  RevokedAt: string | null;
}
