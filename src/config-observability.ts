// The settings of metrics and traces: both are off where nothing is said.
import { z } from 'zod';
import { isCollectorUrl } from './config-addresses.ts';

const whole = (what: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `must be a ${what}, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a ${what}, ${least} to ${most}`);

export const observabilitySettings = {
  POSTERN_METRICS_PORT: whole('port number', 1, 65_535).optional(),
  POSTERN_METRICS_LISTEN: z.string().min(1, 'must be a host name or an IP address').default('127.0.0.1'),
  POSTERN_OTLP_URL: z
    .string()
    .refine(isCollectorUrl, 'must be http(s)://host:port of a collector, without user, query or fragment')
    .optional(),
  POSTERN_OTLP_PERCENT: whole('percentage', 1, 100).default(100),
};

export interface ObservabilityConfig {
  /** Undefined: nobody listens. */
  readonly metrics: { readonly port: number; readonly listen: string } | undefined;
  /** Undefined: nothing is traced. */
  readonly traces: { readonly collectorUrl: string; readonly percent: number } | undefined;
}

export function observabilityConfig(
  values: z.output<z.ZodObject<typeof observabilitySettings>>,
): ObservabilityConfig {
  const { POSTERN_METRICS_PORT: port, POSTERN_METRICS_LISTEN: listen } = values;
  const { POSTERN_OTLP_URL: collectorUrl, POSTERN_OTLP_PERCENT: percent } = values;
  return {
    metrics: port === undefined ? undefined : { port, listen },
    traces: collectorUrl === undefined ? undefined : { collectorUrl, percent },
  };
}
