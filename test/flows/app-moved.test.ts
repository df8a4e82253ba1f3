import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

/** The app as it is after a completed transfer: another organization answers for it. */
async function move(to: string): Promise<void> {
  const { prisma } = world.store;
  const { organizationId } = await prisma.app.update({
    where: { id: world.clientId },
    data: { organizationId: to },
  });
  await prisma.appTransfer.create({
    data: {
      ...{
        id: randomUUID(),
        appId: world.clientId,
        fromOrganizationId: 'lantern',
        toOrganizationId: organizationId,
      },
      ...{ newOwnerId: 'dana-whitfield', proposedBy: 'test', completedAt: new Date() },
    },
  });
}

test('what a patient agreed to holds for the organization that she saw, and for no other (45 CFR 164.508(c)(1)(iii))', async () => {
  const { accessToken, refreshToken } = await connect(world, patient);
  expect((await world.introspect(accessToken)).active).toBe(true);
  await world.store.prisma.organization.create({ data: { id: 'acquirer', legalName: 'Acquirer, Inc.' } });
  await move('acquirer');

  expect(await world.introspect(accessToken)).toEqual({ active: false });
  expect(await reasonsOf(world, 'introspection.refused')).toContain('consent_recipient_changed');
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
  expect((await patient.open('/my')).html).toContain('The app went to a new company.');

  // She is asked again, by the new name, as if she had never agreed.
  const page = await patient.open(authorizationRequest(world).url);
  expect(page.html).toContain('Acquirer, Inc.');
  expect(page.html).not.toContain('You have shared with');
  const again = await connect(world, patient);
  expect((await world.introspect(again.accessToken)).active).toBe(true);
});
