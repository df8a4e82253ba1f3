import { issueInvitation } from '../../src/store/invitations.ts';
import type { World } from './world.ts';

/**
 * A fresh invitation link for one of the demo's patients; it ends those before it. Of one whom another test of that world
 * enrolled already, the passkeys are gone, as an invitation makes a first one only.
 */
export async function invitationFor(world: World, name: string): Promise<string> {
  const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name } });
  await world.store.prisma.passkey.updateMany({
    where: { patientId: id, removedAt: null },
    data: { removedAt: new Date() },
  });
  return `${world.issuer}/invitation#${await issueInvitation(world.store, { patientId: id })}`;
}
