// The settings of the consent page: which FHIR servers say how much of each kind a record holds.
import { z } from 'zod';

const SEPARATOR = /[\s,]+/;

const listed = (value: string) => value.split(SEPARATOR).filter((one) => one !== '');

const isBase = (text: string) =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !text.endsWith('/');

export const consentSettings = {
  POSTERN_RECORD_COUNTS: z
    .string()
    .refine((value) => listed(value).every(isBase), 'must be FHIR bases: https://fhir.example.org/r4')
    .transform(listed)
    .default([]),
};

export interface ConsentConfig {
  /** FHIR bases that count for a token of our own. */
  readonly countingBases: readonly string[];
  /** The demo's own FHIR servers, on this machine and without TLS, count. */
  readonly demoOrigin: string | undefined;
  readonly allowLoopback: boolean;
}

interface Values extends z.output<z.ZodObject<typeof consentSettings>> {
  readonly POSTERN_DEMO_FHIR_PORT: number;
  readonly POSTERN_ALLOW_LOOPBACK_FETCH: boolean;
}

export const consentConfig = (values: Values, demo: boolean): ConsentConfig => ({
  countingBases: values.POSTERN_RECORD_COUNTS,
  demoOrigin: demo ? `http://localhost:${values.POSTERN_DEMO_FHIR_PORT}` : undefined,
  allowLoopback: values.POSTERN_ALLOW_LOOPBACK_FETCH,
});
