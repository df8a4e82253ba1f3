import type { Db, Transaction } from './database.ts';
import type { DomainProof } from './generated/client.ts';

type Claim = Pick<DomainProof, 'organizationId' | 'domain'>;

/** A claim that is there already keeps its code. */
export async function insertClaim(tx: Transaction, claim: Omit<DomainProof, 'verifiedAt'>): Promise<boolean> {
  const { count } = await tx.domainProof.createMany({ data: [claim], skipDuplicates: true });
  return count > 0;
}

export async function findClaim(db: Db, { organizationId, domain }: Claim): Promise<DomainProof | null> {
  return db.domainProof.findUnique({ where: { organizationId_domain: { organizationId, domain } } });
}

export async function countClaims(tx: Transaction, organizationId: string): Promise<number> {
  return tx.domainProof.count({ where: { organizationId } });
}

/** False when it was verified before. */
export async function verifyClaim(
  tx: Transaction,
  { organizationId, domain }: Claim,
  verifiedAt: Date,
): Promise<boolean> {
  const { count } = await tx.domainProof.updateMany({
    where: { organizationId, domain, verifiedAt: null },
    data: { verifiedAt },
  });
  return count > 0;
}

export async function listClaims(db: Db, organizationId: string): Promise<DomainProof[]> {
  return db.domainProof.findMany({ where: { organizationId }, orderBy: { domain: 'asc' } });
}
