// Patients who lose their passkeys, and how they come back.
import { randomBytes, randomUUID } from 'node:crypto';
import { commandLine } from '../../src/policy/permissions.ts';
import { approvalCode, recoveryCode } from '../../src/policy/recovery-codes.ts';
import { approveRecovery, makeRecoveryCodes } from '../../src/registry/recovery.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import type { CreationOptions } from './authenticator.ts';
import { csrfIn, TestBrowser } from './browser.ts';
import { registryDeps } from './registry-deps.ts';
import type { World } from './world.ts';

export interface Patient {
  readonly id: string;
  readonly browser: TestBrowser;
  readonly codes: readonly string[];
}

/** Signed in, with recovery codes on paper and one confirmed address. */
export async function patientWithCodes(world: World): Promise<Patient> {
  const { store, issuer, fhirBase } = world;
  const id = randomUUID();
  const userHandle = randomBytes(32).toString('base64url');
  const records = { create: { fhirBaseUrl: fhirBase, fhirId: id } };
  await store.prisma.patient.create({ data: { id, userHandle, name: 'Rae Runner', records } });
  const now = new Date();
  await store.prisma.patientAddress.create({
    data: {
      ...{ id: randomUUID(), patientId: id, address: `${id}@mail.example`, createdBy: 'cli' },
      ...{ confirmBy: now, confirmedAt: now },
    },
  });
  const browser = new TestBrowser(issuer);
  const invitation = await issueInvitation(store, { patientId: id });
  const enrolled = await browser.enrol(`${issuer}/invitation#${invitation}`);
  if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
  return { id, browser, codes: await makeRecoveryCodes(store, id) };
}

export async function approvalFor(world: World, patientId: string): Promise<string> {
  const given = { patientId, evidence: 'passport, in person' };
  return (await approveRecovery(registryDeps(world), commandLine, given)).code;
}

/** Well formed, and nobody's. */
export const someCode = () => recoveryCode(randomBytes(12));
export const someApproval = () => approvalCode(randomBytes(12));

/** Both codes, typed into the page of the help desk. */
export async function typeBoth(browser: TestBrowser, approval: string, code: string): Promise<Response> {
  const csrf = csrfIn((await browser.open('/recovery/help')).html);
  return browser.form('/recovery/help', [
    ['csrf', csrf],
    ['approval', approval],
    ['code', code],
  ]);
}

/** The passkey at the end of the way back. */
export async function makePasskey(browser: TestBrowser): Promise<Response> {
  const page = await browser.open('/recovery/passkey');
  if (!page.response.ok) return page.response;
  const csrf = csrfIn(page.html);
  const asked = await browser.json('/recovery/options', {}, csrf);
  if (!asked.ok) return asked;
  const options = (await asked.json()) as CreationOptions;
  return browser.json('/recovery/verify', browser.authenticator.create(options), csrf);
}
