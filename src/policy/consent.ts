/** A recorded decision, as far as time decides it. */
export interface ConsentFacts {
  readonly withdrawnAt: Date | null;
  readonly expiresAt: Date;
}

export function consentStands({ withdrawnAt, expiresAt }: ConsentFacts, now: Date): boolean {
  return withdrawnAt === null && now < expiresAt;
}
