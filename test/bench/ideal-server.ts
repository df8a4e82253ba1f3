// The ideal that introspection is held against: node:http alone, with the least that an answer takes. No policy, no record.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runAsChild } from './child-process.ts';

export interface IdealSettings {
  /** Of its one caller. */
  readonly authorization: string;
  readonly tokens: readonly string[];
}

const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest();
const keyOf = (token: string): string => sha256(token).toString('base64url');

runAsChild(async ({ authorization, tokens }: IdealSettings) => {
  const now = Math.floor(Date.now() / 1_000);
  const known = new Map(
    tokens.map((token, index) => [
      keyOf(token),
      {
        ...{
          active: true,
          scope: 'launch/patient patient/Observation.rs patient/Patient.rs',
          token_type: 'Bearer',
        },
        ...{ client_id: 'app-1', aud: 'https://fhir.example.org/r4', iat: now, exp: now + 3_600 },
        ...{ iss: 'http://localhost:3000', sub: `patient-${index}`, patient: `Patient/${index}` },
        purpose_of_use: 'PATRQT',
      },
    ]),
  );
  const expected = sha256(authorization);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const caller = timingSafeEqual(sha256(request.headers.authorization ?? ''), expected);
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('token') ?? '';
      const answer = known.get(keyOf(token)) ?? { active: false };
      const body = JSON.stringify(caller ? answer : { error: 'invalid_client' });
      response.writeHead(caller ? 200 : 401, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': 'no-store',
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});
