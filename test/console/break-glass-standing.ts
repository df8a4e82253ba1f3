import { expect, test } from '@jest/globals';
import { resumeApp, suspendApp } from '../../src/registry/app-standing.ts';
import { requestBreakGlass, requestSupportAccess } from '../../src/registry/break-glass.ts';
import { approveBreakGlass } from '../../src/registry/break-glass-decisions.ts';
import { addRestriction, endRestriction } from '../../src/registry/restriction-commands.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { changeApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import type { World } from '../setup/world.ts';

interface Emergency {
  readonly world: World;
  readonly tom: TestBrowser;
  readonly emergency: string;
  readonly patientId: string;
}

const because = { reason: 'A test' };
const why = { reason: 'Unconscious', ticket: 'ED-9' };

/** What is asked for is asked again when it is granted. */
export function standingAgain(of: () => Emergency): void {
  const roleOf = (personId: string) => async (endedAt: Date | null) =>
    of().world.store.prisma.personRole.updateMany({ where: { personId }, data: { endedAt } });

  test('what was asked for is granted only while the app, its contract, the record and who asked for it stand', async () => {
    const { world, tom, emergency: appId, patientId } = of();
    const { prisma } = world.store;
    const deps = registryDeps(world);
    const asked = {
      ...{ appId, fhirBaseUrl: world.fhirBase, fhirId: 'ana-rivera', purpose: 'BTG', ...why },
      ...{ scope: 'patient/Patient.rs', who: 'Dr. Amy Lee' },
    };
    const dana = actor('lantern', ['developer'], 'dana-whitfield');
    const { breakGlassId: id } = await requestBreakGlass(deps, dana, asked);
    const row = await prisma.app.findUniqueOrThrow({ where: { id: appId }, include: { revision: true } });
    const approving = () =>
      refusedWith(approveBreakGlass(deps, actor('demo-network', ['operator'], 'tom-lindqvist'), id, because));
    const record = (from: string, to: string) =>
      prisma.patientRecord.updateMany({ where: { patientId, fhirId: from }, data: { fhirId: to } });
    const left = (leftAt: Date | null) =>
      prisma.person.update({ where: { id: 'dana-whitfield' }, data: { leftAt } });
    const contract = (contractId: string | null) =>
      prisma.app.update({ where: { id: appId }, data: { contractId } });

    const refused: string[] = [];
    const during = async (stop: () => Promise<unknown>, heal: () => Promise<unknown>) => {
      await stop();
      refused.push((await approving()).slice(1).join(' '));
      await heal();
    };
    await during(
      () => suspendApp(deps, operator, appId, because),
      () => resumeApp(deps, operator, appId, because),
    );
    await during(
      () => contract(null),
      () => contract(row.contractId),
    );
    await during(
      () => changeApp(world, appId, { scopeCeiling: 'system/Observation.rs' }),
      () => changeApp(world, appId, { scopeCeiling: row.revision?.scopeCeiling ?? '' }),
    );
    await during(
      () => record('ana-rivera', 'somebody-else'),
      () => record('somebody-else', 'ana-rivera'),
    );
    await during(
      () => left(new Date()),
      () => left(null),
    );
    const role = roleOf('dana-whitfield');
    await during(
      () => role(new Date()),
      () => role(null),
    );
    expect(refused).toEqual([
      'appId app_may_not_act',
      'appId app_may_not_act',
      'scope scope_over_ceiling',
      'fhirId patient_unknown',
      'requestedBy requester_may_not_ask',
      'requestedBy requester_may_not_ask',
    ]);
    const path = `/admin/break-glass/${id}/approve`;
    const held = await addRestriction(deps, operator, appId, { kind: 'quarantine', ...because });
    const told = await submit(tom, path, because);
    expect([told.status, textOf(told.html)]).toEqual([
      422,
      expect.stringContaining('The app gets no access now (client_quarantined)'),
    ]);
    expect(await prisma.breakGlass.findUniqueOrThrow({ where: { id } })).toMatchObject({ startsAt: null });
    await endRestriction(deps, operator, held.restrictionId, because);
    expect((await submit(tom, path, because)).status).toBe(303);
  });

  test('who is no operator any more gets no support access, whoever grants it', async () => {
    const { world, tom, patientId } = of();
    const deps = registryDeps(world);
    const priya = actor('demo-network', ['operator'], 'priya-raman');
    const { breakGlassId } = await requestSupportAccess(deps, priya, { patientId, ...why });
    const role = roleOf('priya-raman');
    await role(new Date());
    const told = await submit(tom, `/admin/break-glass/${breakGlassId}/approve`, because);
    await role(null);
    expect([told.status, textOf(told.html)]).toEqual([
      422,
      expect.stringContaining('Who asked for it may not ask for it any more (not_allowed)'),
    ]);
  });
}
