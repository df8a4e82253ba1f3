// The settings of the audit: how long it is kept, and where it is forwarded to.
import { z } from 'zod';
import { isSyslogUrl } from './config-addresses.ts';

export const auditSettings = {
  POSTERN_AUDIT_YEARS: z
    .string()
    .regex(/^\d{1,2}$/, 'must be a number of years, 7 to 99')
    .transform(Number)
    .refine((years) => years >= 7, 'must be a number of years, 7 to 99')
    .default(7),
  POSTERN_SYSLOG_URL: z
    .string()
    .refine(isSyslogUrl, 'must be tls://host:port, tcp://host:port or udp://host:port')
    .optional(),
};

export interface AuditConfig {
  /** How long events are kept: seven years at least. */
  readonly years: number;
  /** Where each event is forwarded to (RFC 5424). */
  readonly syslogUrl: string | undefined;
}

export const auditConfig = (values: {
  readonly POSTERN_AUDIT_YEARS: number;
  readonly POSTERN_SYSLOG_URL?: string | undefined;
}): AuditConfig => ({ years: values.POSTERN_AUDIT_YEARS, syslogUrl: values.POSTERN_SYSLOG_URL });
