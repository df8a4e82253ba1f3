// Ending what was issued, by decision of an operator or security officer: for an app, an organization, an owner, a patient,
// a purpose or a key; one write, whatever the number of tokens.
import { z } from 'zod';
import { type Actor, may } from '../policy/permissions.ts';
import { isPurpose, withParts } from '../policy/purpose-of-use.ts';
import {
  type CutOffReach,
  type CutOffRow,
  type CutOffSubject,
  findCutOffSubject,
  listCutOffRows,
  reachOfCutOff,
} from '../store/cut-off-lists.ts';
import { CUT_OFF_KINDS, type CutOffKind, cutOff } from '../store/cut-offs.ts';
import type { Db } from '../store/database.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, identifier, placeAfter, readInput, refuse } from './input.ts';
import { announce } from './notices.ts';

export type { CutOffRow } from '../store/cut-off-lists.ts';
export { CUT_OFF_KINDS } from '../store/cut-offs.ts';

const subject = { kind: z.enum(CUT_OFF_KINDS), subjectId: identifier };

export const newCutOff = z.strictObject({
  ...subject,
  ...because.shape,
  endsGrants: z.boolean().optional().meta({
    description: 'Whether consents and refresh tokens end too, true without it; those of a key never do',
  }),
});

/** Input: {kind, subjectId, reason, endsGrants?}. True when it answers: with the instant. */
export async function cutOffAccess(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly at: Date }> {
  assertMay(actor, 'access.cut_off');
  const { kind, subjectId, reason, ...given } = readInput(newCutOff, input);
  const endsGrants = given.endsGrants ?? kind !== 'key';
  // A consent is given to an app, whatever it proved itself with.
  if (kind === 'key' && endsGrants) refuse('endsGrants', 'not_one_of', 'true');
  return deps.store.prisma.$transaction(async (tx) => {
    const found = await subjectOf(tx, kind, subjectId);
    const about = aboutOf(kind, subjectId, found);
    const detail = { kind, subjectId, endsGrants, reason };
    await record(tx, actor, { type: 'access.cut_off', ...about, detail });
    const { organizationId, appId } = about;
    const told = { ...(appId === undefined ? {} : { appId }), values: { subject: found.name, reason } };
    if (organizationId !== undefined) await announce(tx, { type: 'access.cut_off', organizationId, ...told });
    const cut = { kind, subjectIds: subjectsOf(kind, subjectId), endsGrants } as const;
    return { at: await cutOff(tx, deps.store, { ...cut, cause: 'access.cut_off' }) };
  });
}

export interface ForeseenCutOff extends CutOffReach {
  readonly name: string;
}

/** Input: {kind, subjectId}: what a cut-off would end now, roughly. */
export async function foreseeCutOff(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<ForeseenCutOff> {
  assertMay(actor, 'access.cut_off');
  const { kind, subjectId } = readInput(z.strictObject(subject), input);
  const { name } = await subjectOf(deps.store.prisma, kind, subjectId);
  return { name, ...(await reachOfCutOff(deps.store, kind, subjectsOf(kind, subjectId))) };
}

/** What was cut off, for whatever cause, the last one first. */
export async function listCutOffs(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging = {},
): Promise<Page<CutOffRow>> {
  assertMay(actor, 'access.cut_off');
  const place = placeAfter(query, 3);
  if (place !== null && !/^\d{1,18}$/.test(place[0] ?? '')) refuse('after', 'cursor_unreadable');
  return listCutOffRows(deps.store, place, query);
}

/** For pages: whether to offer it. */
export const mayCutOff = (actor: Actor): boolean => may(actor, 'access.cut_off');

/** A purpose ends with all that it includes. */
const subjectsOf = (kind: CutOffKind, id: string): readonly string[] =>
  kind === 'purpose' && isPurpose(id) ? withParts(id) : [id];

async function subjectOf(db: Db, kind: CutOffKind, id: string): Promise<CutOffSubject> {
  const purpose = { name: id, appId: null, organizationId: null };
  const found = kind === 'purpose' ? isPurpose(id) && purpose : await findCutOffSubject(db, kind, id);
  return found || refuse('subjectId', 'subject_unknown', id);
}

function aboutOf(kind: CutOffKind, id: string, { appId, organizationId }: CutOffSubject) {
  return {
    ...(appId === null ? {} : { appId }),
    ...(organizationId === null ? {} : { organizationId }),
    ...(kind === 'patient' ? { patientId: id } : {}),
    ...(kind === 'purpose' ? { purpose: id } : {}),
  };
}
