import { expect, test } from '@jest/globals';
import { type Jwks, verifyStatement } from '../../src/audit/signed-statement.ts';
import { readArgs } from '../../src/operations/command.ts';
import { offboardingCommands } from '../../src/operations/commands-offboarding.ts';
import { proving } from '../../src/operations/offboarding-task.ts';
import { offboard } from '../../src/registry/offboarding.ts';
import { OFFBOARDING_RECEIPT } from '../../src/registry/offboarding-proof.ts';
import { endPerson } from '../../src/registry/people.ts';
import { createLog } from '../../src/web/log.ts';
import type { PlatformWorld } from '../setup/platform-world.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor } from '../setup/vendor.ts';

/** Nothing is delivered in this world: the receipt waits a minute for the stream of the FHIR server. */
async function receiptOf({ world }: PlatformWorld, id: string) {
  world.clock.advance(61_000);
  const { config, secret, store } = world;
  await proving({ config, secret, store, log: createLog('silent') })({ asked: false } as never);
  const proved = await store.prisma.offboarding.findUniqueOrThrow({ where: { id } });
  const jwks = (await (await fetch(`${world.issuer}/jwks`)).json()) as Jwks;
  const claims = await verifyStatement<{ offboarding: object }>(
    jwks,
    proved.receipt ?? '',
    OFFBOARDING_RECEIPT,
  );
  return { proved, offboarding: claims?.offboarding };
}

/** What ends with a platform. */
export function platformEnds(of: () => PlatformWorld): void {
  test('the end of a platform counts the apps behind it, names them, and is proved for their tokens', async () => {
    const { deps, vendor, hub, pair, tokenOf, isActive, foreseen, page } = of();
    const { appId, platformId } = await pair();
    const held = [await tokenOf(appId), await tokenOf(platformId)];
    const apps = [appId, platformId].sort();
    const behind = [{ id: appId, name: 'Behind', organizationName: vendor.legalName, mayAct: true }];
    const counted = { appIds: apps, actingIds: apps, tokens: 2, backendTokens: 2, behind };
    expect(await foreseen('app', platformId)).toMatchObject(counted);
    for (const [kind, id] of [['organization', hub.id] as const, ['person', hub.ownerId] as const]) {
      const { behind: found, appIds } = await foreseen(kind, id);
      expect(found.map((app) => app.id)).toContain(appId);
      expect(appIds).toEqual(expect.arrayContaining(apps));
    }
    const form = await page('priya-raman', `/admin/apps/${platformId}/offboard`);
    expect(form).toContain(`reached through it as their platform (1): Behind (${vendor.legalName})`);
    expect(form).not.toContain('Never');
    const said: string[] = [];
    const print = {
      print: (line: string) => said.push(line),
      progress: () => undefined,
      write: async () => undefined,
    };
    const [command] = offboardingCommands;
    const args = command && readArgs(command, ['app', platformId, '--dry-run']);
    if (args) await command.run(deps as never, args, print);
    expect(said.join('\n')).toMatch(/apps behind it: +Behind \(Vendor /);

    const given = { kind: 'app', subjectId: platformId, reason: 'It is over.', confirm: 'Hub' };
    const { id } = await offboard(deps, operator, given);
    expect(await Promise.all(held.map(isActive))).toEqual([false, false]);
    const { proved, offboarding } = await receiptOf(of(), id);
    expect(proved).toMatchObject({ total: 2, checked: 2, active: 0 });
    expect(offboarding).toMatchObject({
      ...{ apps, appsThroughPlatform: [appId], before: { tokens: 2 }, after: { tokens: 0 } },
      verification: { tokensLiveAtCut: 2, tokensAsked: 2, tokensStillActive: 0 },
    });
  });

  test('who hands a platform over takes along what was issued through it', async () => {
    const { world, deps, pair, tokenOf, isActive } = of();
    const other = await registerVendor(world);
    const { appId, platformId } = await pair(other, { backupOwnerId: other.developerId });
    const held = [await tokenOf(appId), await tokenOf(platformId)];
    await endPerson(deps, operator, other.ownerId, { reason: 'She left.' });
    expect(await Promise.all(held.map(isActive))).toEqual([false, false]);
    expect(await isActive(await tokenOf(appId))).toBe(true);
  });
}
