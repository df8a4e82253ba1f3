import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, databases, type World } from '../setup/world.ts';

const HOUR_MS = 3_600_000;

describe.each(databases)('Ana Rivera is the parent of Maya Chen, on %s', (kind) => {
  let world: World;
  let ana: TestBrowser;
  let anaId: string;
  let mayaId: string;

  const idOf = async (name: string) =>
    (await world.store.prisma.patient.findFirstOrThrow({ where: { name } })).id;

  /** Ana may act for Maya from an hour ago on. */
  const appoint = (changes: { startsAt?: Date; endsAt?: Date; endedAt?: Date } = {}) =>
    world.store.prisma.representation.create({
      data: {
        ...{ id: `r-${Math.random()}`, representativeId: anaId, patientId: mayaId, relationship: 'parent' },
        startsAt: new Date(Date.now() - HOUR_MS),
        ...changes,
      },
    });

  beforeAll(async () => {
    world = await createWorld(kind);
    ana = new TestBrowser(world.issuer);
    await ana.enrol(await invitationFor(world, 'Ana Rivera'));
    [anaId, mayaId] = await Promise.all([idOf('Ana Rivera'), idOf('Maya Chen')]);
  });
  beforeEach(async () => {
    await world.store.prisma.representation.deleteMany();
    await world.store.prisma.consent.updateMany({ data: { withdrawnAt: new Date(), withdrawnBy: 'app' } });
  });
  afterAll(() => world.stop());

  async function connect(patient?: string, duration = '90') {
    const request = authorizationRequest(world);
    const callback = await ana.authorize(request.url, { duration, ...(patient && { patient }) });
    return (await (await redeem(world, request, callback)).json()) as Record<string, string>;
  }

  const read = (tokens: Record<string, string>, path: string) =>
    readFhir(world, tokens.access_token ?? '', path).then(({ status }) => status);

  test('she is asked whose record it is, and then what to share of Maya’s', async () => {
    await appoint();
    const page = await ana.open(authorizationRequest(world).url);
    expect(page.html).toContain('Whose record should Lantern Health see?');
    expect(page.html).not.toContain('name="record" value="self" checked');
    const consent = await ana.choosePatient(page, 'Maya Chen');
    expect(consent.html).toContain('Share the health record of Maya Chen with Lantern Health?');
    expect(consent.html).toContain('You are signed in as Ana Rivera. This is about the record of Maya Chen.');
  });

  test('the tokens are hers and open Maya’s record only; the decision names both', async () => {
    const { id } = await appoint();
    const tokens = await connect('Maya Chen');
    expect(tokens.patient).toBe('maya-chen');
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({
      ...{ sub: anaId, fhirUser: `${world.fhirBase}/Patient/ana-rivera` },
    });
    expect(await read(tokens, 'Patient/maya-chen')).toBe(200);
    expect(await read(tokens, 'Patient/ana-rivera')).toBe(403);
    const { prisma } = world.store;
    const order = { orderBy: { decidedAt: 'desc' } } as const;
    const decided = { accountId: anaId, patientId: mayaId };
    expect(await prisma.consent.findFirst(order)).toMatchObject({ ...decided, representationId: id });
    const granted = { where: { type: 'consent.granted' }, orderBy: { id: 'desc' } } as const;
    expect(await prisma.auditEvent.findFirst(granted)).toMatchObject(decided);
  });

  test('for herself she decides as before, and what she shared of Maya’s is not ticked', async () => {
    await appoint();
    await connect('Maya Chen');
    const page = await ana.choosePatient(await ana.open(authorizationRequest(world).url));
    expect(page.html).toContain('This is about your own record.');
    expect(page.html).not.toContain('You have shared with');
    const tokens = await connect();
    expect(tokens.patient).toBe('ana-rivera');
  });

  test('when the representation ends, access and refresh end with it at once (representation_ended)', async () => {
    const { id } = await appoint();
    const tokens = await connect('Maya Chen');
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
    expect(await world.introspect(tokens.access_token ?? '')).toEqual({ active: false });
    const reason = { where: { type: 'introspection.refused' }, orderBy: { id: 'desc' } } as const;
    expect(await world.store.prisma.auditEvent.findFirst(reason)).toMatchObject({
      ...{ reason: 'representation_ended', patientId: mayaId },
    });
    const refused = await refresh(world, tokens.refresh_token ?? '');
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  test('so does the day that was set for its end', async () => {
    await appoint({ endsAt: new Date(Date.now() + 60_000) });
    const tokens = await connect('Maya Chen', 'once');
    expect(await read(tokens, 'Patient/maya-chen')).toBe(200);
    world.clock.advance(60_000);
    expect(await read(tokens, 'Patient/maya-chen')).toBe(401);
    expect((await ana.open(authorizationRequest(world).url)).html).not.toContain('name="record"');
  });

  test('a representation that has not begun, or has ended, offers nobody', async () => {
    const soon = new Date(Date.now() + HOUR_MS);
    for (const changes of [{ startsAt: soon }, { endsAt: new Date() }, { endedAt: new Date() }]) {
      await appoint(changes);
    }
    const page = await ana.open(authorizationRequest(world).url);
    expect(page.html).toContain('This is about your own record.');
  });

  test('one that ends between the two pages is refused, and nothing is shared', async () => {
    const { id } = await appoint();
    const page = await ana.choosePatient(await ana.open(authorizationRequest(world).url), 'Maya Chen');
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
    expect((await ana.decide(page)).status).toBe(403);
    expect(await world.store.prisma.consent.count({ where: { representationId: id } })).toBe(0);
  });

  test('a record of someone whom she does not represent cannot be chosen', async () => {
    await appoint();
    const james = await idOf('James Okafor');
    const foreign = await world.store.prisma.representation.create({
      data: {
        ...{ id: 'of-others', representativeId: james, patientId: mayaId, relationship: 'caregiver' },
        startsAt: new Date(0),
      },
    });
    const page = await ana.open(authorizationRequest(world).url);
    const action = /class="panel patients" method="post" action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const send = (...fields: readonly (readonly [string, string])[]) =>
      ana.form(action, [['csrf', csrfIn(page.html)], ...fields]).then(({ status }) => status);
    for (const record of [foreign.id, mayaId, james]) {
      expect(await send(['record', record], ['decision', 'continue'])).toBe(400);
    }
    expect(await send(['record', ''], ['decision', 'continue'])).toBe(422);
    expect(await send(['decision', 'continue'])).toBe(422);
    expect((await ana.form(action, [['decision', 'continue']])).status).toBe(403);
    expect(await send(['decision', 'deny'])).toBe(303);
  });

  test('silently there is no answer for someone who may act for others (interaction_required)', async () => {
    const confidential = await registerApp(world, world.clientId, {});
    await appoint();
    const { url } = await ana.open(
      authorizationRequest(world, { client_id: confidential, prompt: 'none' }).url,
    );
    expect(new URL(url).searchParams.get('error')).toBe('interaction_required');
  });

  test('both see it in My apps, and each can stop it', async () => {
    const { id } = await appoint();
    const maya = new TestBrowser(world.issuer);
    await maya.enrol(await invitationFor(world, 'Maya Chen'));
    const stopUrl = (html: string) => /<a class="button danger" href="([^"]+)"/.exec(html)?.[1] ?? '';
    for (const [stopper, other, words] of [
      [ana, maya, 'Another person who may decide about this record stopped on'],
      [maya, ana, 'Another person who may decide about this record stopped on'],
    ] as const) {
      const tokens = await connect('Maya Chen');
      expect((await ana.open('/my')).html).toContain('Record of Maya Chen');
      expect((await maya.open('/my')).html).toContain('Ana Rivera agreed to this for you.');
      const url = stopUrl((await stopper.open('/my')).html);
      const page = await stopper.open(url);
      expect((await stopper.form(url, [['csrf', csrfIn(page.html)]])).status).toBe(200);
      expect(await read(tokens, 'Patient/maya-chen')).toBe(401);
      expect((await stopper.open('/my')).html).toContain('You stopped on');
      const { accountId } = await world.store.prisma.auditEvent.findFirstOrThrow({
        ...{ where: { type: 'consent.withdrawn' }, orderBy: { id: 'desc' } },
      });
      const { name } = await world.store.prisma.patient.findUniqueOrThrow({ where: { id: accountId ?? '' } });
      expect(name).toBe(stopper === ana ? 'Ana Rivera' : 'Maya Chen');
      expect((await other.open('/my')).html).toContain(words);
    }
    await connect('Maya Chen');
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
    expect((await ana.open('/my')).html).toContain('with the right to act for this person');
  });

  test('Ana’s own sharing and Maya’s are two cards, and one is stopped without the other', async () => {
    await appoint();
    const [own, mayas] = [await connect(), await connect('Maya Chen')];
    const { html } = await ana.open('/my');
    expect(html.match(/<article/g)).toHaveLength(2);
    const url = `/my/apps/${world.clientId}/stop`;
    await ana.form(url, [['csrf', csrfIn((await ana.open(url)).html)]]);
    expect(await read(own, 'Patient/ana-rivera')).toBe(401);
    expect(await read(mayas, 'Patient/maya-chen')).toBe(200);
    expect((await ana.open(`/my/apps/${world.clientId}/patients/${anaId}x/stop`)).response.status).toBe(404);
  });
});
