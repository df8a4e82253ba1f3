// The facts of policy/standing as SQL over the aliases a (app), o (organization), w (owner), c (contract).
export const STANDING_COLUMNS = `
  a.offboarded_at AS "offboardedAt", a.suspended_at AS "suspendedAt",
  o.offboarded_at AS "organizationOffboardedAt", o.suspended_at AS "organizationSuspendedAt",
  a.reviewed_at AS "reviewedAt", a.owner_id AS "ownerId", w.left_at AS "ownerLeftAt",
  c.starts_at AS "contractStartsAt", c.ends_at AS "contractEndsAt",
  a.attestation_due_at AS "attestationDueAt"`;

export const STANDING_JOINS = `
  JOIN organization o ON o.id = a.organization_id
  LEFT JOIN person w ON w.id = a.owner_id
  LEFT JOIN contract c ON c.id = a.contract_id`;
