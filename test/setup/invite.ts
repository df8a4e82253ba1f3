import { issueInvitation } from '../../src/store/invitations.ts';
import type { World } from './world.ts';

/** A fresh invitation link for one of the demo's patients; it ends those before it. */
export async function invitationFor(world: World, name: string): Promise<string> {
  const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name } });
  return `${world.issuer}/invitation#${await issueInvitation(world.store, { patientId: id })}`;
}
