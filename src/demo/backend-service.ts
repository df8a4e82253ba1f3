import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';

export interface BackendServiceOptions {
  readonly tokenEndpoint: string;
  readonly fhirBase: string;
  readonly clientId: string;
  readonly privateJwk: JWK;
  readonly alg: 'RS384' | 'ES384';
  readonly scope: string;
  readonly print: (line: string) => void;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 10_000;
const ASSERTION_SECONDS = 300; // SMART App Launch 2.2: at most five minutes

/** SMART Backend Services from end to end, told step by step; answers with the exit code of a program. */
export async function runBackendService(options: BackendServiceOptions): Promise<number> {
  const { print } = options;
  try {
    const grant = await requestToken(options);
    if (!grant) return 1;
    const types = readableTypes(grant.scope.split(' '));
    if (types.size === 0) print('   This grants nothing that can be searched.');
    let failed = types.size === 0;
    for (const resourceType of types)
      failed = !(await countResources(options, grant.accessToken, resourceType)) || failed;
    print(failed ? 'Done, but not everything could be read.' : 'Done.');
    return failed ? 1 : 0;
  } catch (error) {
    print(`Stopped: ${reasonOf(error)}`);
    return 1;
  }
}

async function requestToken(options: BackendServiceOptions) {
  const { tokenEndpoint, clientId, scope, alg, print } = options;
  print(`1. Sign a statement of who we are: client ${clientId}, ${alg}, key ${options.privateJwk.kid}.`);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signAssertion(options),
  });
  print(`2. Ask ${tokenEndpoint} for: ${scope}`);
  const response = await ask(options, tokenEndpoint, { method: 'POST', body });
  const answer = await jsonOf(response);
  if (!response.ok || typeof answer.access_token !== 'string') {
    print(`Refused (${response.status}): ${refusalOf(answer)}`);
    return undefined;
  }
  const granted = typeof answer.scope === 'string' ? answer.scope : scope;
  print(`   Granted for ${answer.expires_in ?? 'an unknown number of'} seconds: ${granted}`);
  return { accessToken: answer.access_token, scope: granted };
}

async function signAssertion({ privateJwk, alg, clientId, tokenEndpoint }: BackendServiceOptions) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, kid: privateJwk.kid, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenEndpoint)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .sign(await importJWK(privateJwk, alg));
}

async function countResources(options: BackendServiceOptions, accessToken: string, resourceType: string) {
  const url = `${options.fhirBase}/${resourceType}`;
  options.print(`3. Read ${url}`);
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/fhir+json' };
  const response = await ask(options, url, { headers });
  const answer = await jsonOf(response);
  if (!response.ok) {
    options.print(`   Refused (${response.status}): ${refusalOf(answer)}`);
    return false;
  }
  options.print(`   Read ${Array.isArray(answer.entry) ? answer.entry.length : 0} resources.`);
  return true;
}

const ask = (options: BackendServiceOptions, url: string, init: RequestInit) =>
  (options.fetch ?? fetch)(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });

// system/Patient.rs or system/Patient.read; a wildcard is tried on the type that every server has
function readableTypes(scopes: readonly string[]): Set<string> {
  const types = scopes.map(
    (scope) => /^system\/(\*|[A-Za-z]+)\.(?:read|\*|[crud]*s)(?:\?|$)/.exec(scope)?.[1],
  );
  return new Set(types.filter((type) => type !== undefined).map((type) => (type === '*' ? 'Patient' : type)));
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json().catch(() => undefined);
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
}

// RFC 6749 §5.2, or an OperationOutcome of FHIR
function refusalOf(answer: Record<string, unknown>): string {
  if (typeof answer.error === 'string')
    return [answer.error, answer.error_description].filter((text) => typeof text === 'string').join(': ');
  const issue = Array.isArray(answer.issue) ? answer.issue[0] : undefined;
  return typeof issue?.diagnostics === 'string' ? issue.diagnostics : 'no reason was given';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown fault';
  if ((error.cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED')
    return 'nothing answers there. Is the demo running (npm start), with the same POSTERN_ ports?';
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
