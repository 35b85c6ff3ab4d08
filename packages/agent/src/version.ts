/** The version this device tells services and callers; that of the package. */
export const agentVersion = '0.1.0';
