import type { Config } from '../config.ts';
import { levelAcrValues } from '../policy/identity-assurance.ts';
import type { ProviderInput } from '../trust/provider-settings.ts';

export const DEMO_IDENTITY = 'demo-id';
export const DEMO_IDENTITY_CLIENT = 'postern';

export const identityOrigin = ({ identityPort }: NonNullable<Config['demo']>): string =>
  `http://localhost:${identityPort}`;

/** As an operator would describe it in POSTERN_IDENTITY_PROVIDERS_FILE. */
export function demoProviders(demo: Config['demo']): readonly ProviderInput[] {
  if (demo === undefined) return [];
  const [ial1, ial2] = levelAcrValues as readonly [string, string];
  return [
    {
      ...{ id: DEMO_IDENTITY, name: 'Demo ID', issuer: identityOrigin(demo), clientId: DEMO_IDENTITY_CLIENT },
      authentication: { method: 'private_key_jwt' },
      scope: 'openid profile address',
      acrValues: { IAL1: ial1, IAL2: ial2 },
      // She is asked whom to be, each time.
      parameters: { prompt: 'login' },
      level: { IAL1: [ial1], IAL2: [ial2] },
      evidenceClass: 'simulated',
      validDays: 365,
    },
  ];
}
