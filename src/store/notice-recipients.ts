import type { Transaction } from './database.ts';
import { held, working } from './people.ts';

export interface NoticeAddresses {
  readonly organization: string;
  /** The app's name where the notice is about one. */
  readonly app: string | undefined;
  /** Mail addresses, one a person. */
  readonly mail: readonly string[];
  readonly hasWebhook: boolean;
}

export interface NoticeSubject {
  readonly organizationId: string;
  readonly appId?: string | undefined;
  readonly also?: readonly string[] | undefined;
}

/** Who answers for an app hears of it; without one of them it is the owners of the organization. */
export async function findNoticeAddresses(
  tx: Transaction,
  { organizationId, appId, also = [] }: NoticeSubject,
): Promise<NoticeAddresses> {
  const now = new Date();
  const organization = await tx.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { legalName: true, webhookUrl: true },
  });
  const app =
    appId === undefined
      ? undefined
      : await tx.app.findUniqueOrThrow({
          where: { id: appId },
          select: { ownerId: true, backupOwnerId: true, revision: { select: { name: true } } },
        });
  const accountable = [app?.ownerId, app?.backupOwnerId].filter((id) => typeof id === 'string');
  const named = await tx.person.findMany({
    where: { id: { in: [...accountable, ...also] }, ...working(now) },
    select: { id: true, email: true },
  });
  const owners = named.some(({ id }) => accountable.includes(id))
    ? []
    : await tx.person.findMany({
        where: { organizationId, ...working(now), roles: { some: { role: 'owner', ...held(now) } } },
        select: { id: true, email: true },
      });
  return {
    organization: organization.legalName,
    app: app === undefined ? undefined : (app.revision?.name ?? appId),
    mail: [...new Map([...named, ...owners].map(({ id, email }) => [id, email])).values()],
    hasWebhook: organization.webhookUrl !== null,
  };
}
