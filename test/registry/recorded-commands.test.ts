import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { assignContract } from '../../src/registry/app-standing.ts';
import { createContract } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { createEhr, resumeEhr, suspendEhr } from '../../src/registry/ehrs.ts';
import { createInitialAccessToken, endInitialAccessToken } from '../../src/registry/initial-access-tokens.ts';
import { offboardOrganization } from '../../src/registry/organization-standing.ts';
import { endPerson, inviteAgain } from '../../src/registry/people.ts';
import {
  changeResourceServer,
  createResourceServer,
  resumeResourceServer,
  suspendResourceServer,
} from '../../src/registry/resource-servers.ts';
import { removeWebhook, setWebhook } from '../../src/registry/webhooks.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator, submittedApp } from '../setup/reviewed.ts';
import { fhirBaseOf, registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

/** What the last `count` events of the vendor say. */
async function told(count: number) {
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: vendor.id },
    orderBy: { id: 'desc' },
    take: count,
  });
  return events.reverse();
}

const because = { reason: 'It was asked for.' };
const byOperator = { accountId: operator.personId };
const detailOf = (facts: object) => ({ ...byOperator, detail: { via: 'portal', ...facts } });

describe('what was done, by whom and why, is in the record of', () => {
  test('a contract that an app is put under', async () => {
    const { appId } = await submittedApp(world, deps, vendor);
    const terms = { reference: 'Agreement 2', startsAt: '2026-01-01', endsAt: '2099-12-31' };
    const { contractId } = await createContract(deps, operator, { organizationId: vendor.id, ...terms });
    await assignContract(deps, operator, appId, { contractId });
    expect(await told(1)).toMatchObject([{ type: 'contract.assigned', appId, ...detailOf({ contractId }) }]);
  });

  test('an EHR that is suspended and resumed', async () => {
    const { publicKey } = await generateKeyPair('ES384', { extractable: true });
    const { ehrId } = await createEhr(deps, operator, {
      ...{ name: 'Elm EHR', organizationId: vendor.id, ownerId: vendor.ownerId },
      fhirBaseUrl: await fhirBaseOf(world, 'production'),
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'elm-1' }] },
    });
    await suspendEhr(deps, operator, ehrId, because);
    await resumeEhr(deps, operator, ehrId, because);
    expect(await told(2)).toMatchObject([
      { type: 'ehr.suspended', ...detailOf({ ehrId, ...because }) },
      { type: 'ehr.resumed', ...detailOf({ ehrId, ...because }) },
    ]);
  });

  test('a resource server that is changed, suspended and resumed', async () => {
    const { resourceServerId } = await createResourceServer(deps, operator, {
      ...{ name: 'Elm FHIR server', organizationId: vendor.id, ownerId: vendor.ownerId },
      fhirBases: [{ url: 'https://fhir.elm.example/r4', slug: 'elm', environment: 'production' }],
    });
    await changeResourceServer(deps, operator, resourceServerId, { name: 'Elm Street FHIR server' });
    await suspendResourceServer(deps, operator, resourceServerId, because);
    await resumeResourceServer(deps, operator, resourceServerId, because);
    expect(await told(3)).toMatchObject([
      { type: 'resource_server.changed', resourceServerId, ...detailOf({ fields: ['name'] }) },
      { type: 'resource_server.suspended', resourceServerId, ...detailOf(because) },
      { type: 'resource_server.resumed', resourceServerId, ...detailOf(because) },
    ]);
  });

  test('a token to register with, which is itself in no event', async () => {
    const asked = { organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox', uses: 2 };
    const { id: tokenId, token } = await createInitialAccessToken(deps, operator, asked);
    await endInitialAccessToken(deps, operator, tokenId, { reason: 'a test' });
    const events = await told(2);
    const { organizationId: _, ...named } = asked;
    expect(events).toMatchObject([
      { type: 'initial_access_token.created', ...detailOf({ tokenId, ...named }) },
      { type: 'initial_access_token.ended', ...detailOf({ tokenId }) },
    ]);
    expect(JSON.stringify(events.map(({ detail }) => detail))).not.toContain(token);
  });

  test('a webhook that is set and removed, without its secret', async () => {
    const receiver = await createWebhookReceiver();
    const { secret } = await setWebhook(deps, operator, vendor.id, { url: receiver.url });
    await removeWebhook(deps, operator, vendor.id);
    await receiver.stop();
    const events = await told(2);
    expect(events).toMatchObject([
      { type: 'webhook.set', ...byOperator, detail: { via: 'portal' } },
      { type: 'webhook.removed', ...byOperator, detail: { via: 'portal' } },
    ]);
    expect(JSON.stringify(events.map(({ detail }) => detail))).not.toContain(secret);
  });

  test('a person who is invited again, and who leaves', async () => {
    const personId = vendor.developerId;
    const { code } = await inviteAgain(deps, operator, personId);
    await endPerson(deps, operator, personId, { at: '2099-06-30', reason: 'a test' });
    const events = await told(3);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['person.invited_again', 'person.left']),
    );
    expect(events.find(({ type }) => type === 'person.left')).toMatchObject(
      detailOf({ personId, at: '2099-06-30T00:00:00.000Z' }),
    );
    expect(JSON.stringify(events.map(({ detail }) => detail))).not.toContain(code);
  });

  test('an organization that is offboarded', async () => {
    await offboardOrganization(deps, operator, vendor.id, because);
    expect(await told(1)).toMatchObject([{ type: 'organization.offboarded', ...detailOf(because) }]);
  });
});
