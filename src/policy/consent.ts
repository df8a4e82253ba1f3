/** A recorded decision, as far as time decides it. */
export interface ConsentFacts {
  /** The organization that it was given to: no other may rest on it (45 CFR 164.508(c)(1)(iii)). */
  readonly organizationId: string;
  readonly withdrawnAt: Date | null;
  /** As the last amendment says. */
  readonly expiresAt: Date;
  readonly pausedAt: Date | null;
  /** The revocation clock when it was decided, and the last cut-off of all that it rests on, if any. */
  readonly clock: number;
  readonly cutOff: number | null;
}

export function consentStands(
  consent: ConsentFacts,
  app: { readonly organizationId: string },
  now: Date,
): boolean {
  const { withdrawnAt, expiresAt, pausedAt, organizationId } = consent;
  const stands = withdrawnAt === null && pausedAt === null && now < expiresAt && isAfterCutOff(consent);
  return stands && organizationId === app.organizationId;
}

/** Whether something was issued after the last cut-off of what it rests on: a clock of revocations, not of machines. */
export const isAfterCutOff = (issued: { readonly clock: number; readonly cutOff: number | null }): boolean =>
  issued.cutOff === null || issued.clock >= issued.cutOff;

export interface PauseFacts {
  readonly patientId: string | null;
  /** Who decided. */
  readonly accountId: string;
  readonly pausedAt: Date | null;
  /** Null: not paused, or of before that was kept. */
  readonly pausedBy: string | null;
}

/** A pause is ended by the patient herself, or by whose pause it is: nobody else undoes it. */
export function mayResume(
  { patientId, accountId, pausedAt, pausedBy }: PauseFacts,
  personId: string,
): boolean {
  return pausedAt !== null && (patientId === personId || (pausedBy ?? accountId) === personId);
}
