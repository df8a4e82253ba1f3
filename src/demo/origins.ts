import type { Config } from '../config.ts';
import { EHR_PATH } from './ehr-page.ts';

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
