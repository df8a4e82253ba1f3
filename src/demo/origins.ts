import type { Config } from '../config.ts';

/** Where the demo's EHR is, beside its FHIR server. */
export const EHR_PATH = '/ehr';

/** Where the demo's two other origins are. */
export function demoOrigins({ fhirPort, appPort }: NonNullable<Config['demo']>) {
  const fhirOrigin = `http://localhost:${fhirPort}`;
  return {
    fhirBase: `${fhirOrigin}/fhir`,
    sandboxBase: `${fhirOrigin}/sandbox/fhir`,
    ehrPage: `${fhirOrigin}${EHR_PATH}`,
    appOrigin: `http://localhost:${appPort}`,
  };
}
