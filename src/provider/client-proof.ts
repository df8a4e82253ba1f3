// Which of its keys a client proved itself with: a registered one, or one that it publishes and that is its own.
import type { Client, Configuration } from 'oidc-provider';
import { jwkFaults } from '../policy/jwk.ts';
import type { Store } from '../store/database.ts';
import { assertionFaults, circumstances } from './client-assertion.ts';
import { credentialsOf } from './clients.ts';
import { noteCredential } from './credential-use.ts';
import { CLIENT_AUTH_ALGORITHMS } from './endpoints.ts';
import { keysNamed, type PublicKey } from './key-set.ts';
import { usePublishedKey } from './published-keys.ts';
import { PolicyRefusal } from './refusals.ts';

interface ProofDeps {
  readonly issuer: string;
  readonly store: Store;
  /** How long a key may be used that its client publishes itself, from its first use. */
  readonly keyDays: number;
}

/** What the provider asks when it has verified the signature of an assertion. */
export function clientProof({ issuer, store, keyDays }: ProofDeps): Partial<Configuration> {
  return {
    enabledJWA: { clientAuthSigningAlgValues: CLIENT_AUTH_ALGORITHMS },
    assertJwtClientAuthClaimsAndHeader: async (ctx, claims, header, client) => {
      const { clientId, profile, registeredJwksUri } = client;
      const facts = { clientId, profile, jwksUri: registeredJwksUri, ...circumstances(ctx, issuer) };
      const [fault] = assertionFaults({ header, claims }, facts);
      if (fault !== undefined) throw new PolicyRefusal('assertion_unacceptable', fault.text);
      const [key, ...others] = keysNamed(keysOf(client), header);
      if (key === undefined || others.length > 0) {
        throw new PolicyRefusal('assertion_unacceptable', 'kid must name exactly one registered key');
      }
      const [registered] = keysNamed(credentialsOf(client), header);
      if (registered !== undefined) return noteCredential(ctx, registered.id);
      const [weakness] = jwkFaults(key);
      if (weakness !== undefined) throw new PolicyRefusal('assertion_unacceptable', weakness.code);
      noteCredential(ctx, await usePublishedKey(store, { appId: clientId, key, keyDays }));
    },
  };
}

const keysOf = (client: Client) => (client.jwks as { keys?: readonly PublicKey[] } | undefined)?.keys ?? [];
