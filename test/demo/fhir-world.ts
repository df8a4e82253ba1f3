// A demo FHIR server over a decision endpoint whose answer each test writes.
import { createFhirServer } from '../../src/demo/fhir-server.ts';
import { bodyOf, listen } from './listen.ts';

export const fhirBase = 'http://fhir.example/fhir';
export const appOrigin = 'http://app.example';

interface Asked {
  readonly body: string;
  readonly authorization?: string | undefined;
  readonly requestId?: string | string[] | undefined;
}

export const permitted = (...obligations: unknown[]) => ({
  status: 200,
  body: JSON.stringify({ decision: true, context: { unlabelled: 'normal', obligations } }),
});
export const denied = (status: string, error: string, context: object = {}) => ({
  status: 200,
  body: JSON.stringify({ decision: false, context: { reason_admin: { [status]: error }, ...context } }),
});

export async function startFhirWorld() {
  const asked: Asked[] = [];
  const logged: string[] = [];
  const told: {
    answer: { status: number; body: string; never?: true };
    smart: () => Promise<unknown>;
  } = {
    answer: permitted(),
    smart: async () => ({
      authorization_endpoint: 'http://as.example/authorize',
      token_endpoint: 'http://as.example/token',
      capabilities: ['launch-standalone'],
    }),
  };
  const authorizationServer = await listen(async (request, response) => {
    const { authorization, 'x-request-id': requestId } = request.headers;
    asked.push({ body: await bodyOf(request), authorization, requestId });
    const { status, body, never } = told.answer;
    if (never) return;
    response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end(body);
  });
  const fhirServer = await listen(
    createFhirServer({
      ...{ issuer: authorizationServer.url, fhirBase },
      decisionEndpoint: `${authorizationServer.url}/access/v1/evaluation`,
      clientId: 'fhir server',
      clientSecret: 'a:b%c d',
      smartConfiguration: () => told.smart(),
      corsOrigins: [appOrigin],
      log: (line) => logged.push(line),
    }).callback(),
  );
  const request = (path: string, init?: RequestInit) => fetch(`${fhirServer.url}/fhir${path}`, init);
  const withToken = (path: string, init: RequestInit = {}) =>
    request(path, { ...init, headers: { authorization: 'Bearer t0ken', ...init.headers } });
  const stop = () => Promise.all([fhirServer.close(), authorizationServer.close()]);
  return { asked, logged, told, authorizationServer, request, withToken, stop };
}

export type FhirWorld = Awaited<ReturnType<typeof startFhirWorld>>;

export const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
