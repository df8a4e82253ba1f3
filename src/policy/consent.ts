/** A recorded decision, as far as time decides it. */
export interface ConsentFacts {
  /** The organization that it was given to: no other may rest on it (45 CFR 164.508(c)(1)(iii)). */
  readonly organizationId: string;
  readonly withdrawnAt: Date | null;
  readonly expiresAt: Date;
}

export function consentStands(
  consent: ConsentFacts,
  app: { readonly organizationId: string },
  now: Date,
): boolean {
  const { withdrawnAt, expiresAt, organizationId } = consent;
  return withdrawnAt === null && now < expiresAt && organizationId === app.organizationId;
}
