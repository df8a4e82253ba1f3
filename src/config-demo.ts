import { z } from 'zod';

const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

export const demoSettings = { POSTERN_DEMO: flag.optional(), POSTERN_DEMO_DATA: flag.default(true) };

export interface DemoConfig extends Record<'fhirPort' | 'appPort' | 'identityPort', number> {
  /** With an invented network around it, sixty days old. */
  readonly data: boolean;
}

interface Values {
  readonly POSTERN_DEMO_FHIR_PORT: number;
  readonly POSTERN_DEMO_APP_PORT: number;
  readonly POSTERN_DEMO_IDENTITY_PORT: number;
  readonly POSTERN_DEMO_DATA: boolean;
}

export const demoConfig = (values: Values, isOn: boolean): DemoConfig | undefined =>
  isOn
    ? {
        ...{ fhirPort: values.POSTERN_DEMO_FHIR_PORT, appPort: values.POSTERN_DEMO_APP_PORT },
        ...{ identityPort: values.POSTERN_DEMO_IDENTITY_PORT, data: values.POSTERN_DEMO_DATA },
      }
    : undefined;
