import type { Store } from './database.ts';

/** The same picture is kept once. */
export async function insertLogo(store: Store, id: string, png: Buffer): Promise<void> {
  await store.prisma.logo.createMany({ data: [{ id, png: new Uint8Array(png) }], skipDuplicates: true });
}

export async function findLogo(store: Store, id: string): Promise<Buffer | undefined> {
  if (!/^[0-9a-f]{64}$/.test(id)) return undefined;
  const found = await store.prisma.logo.findUnique({ where: { id }, select: { png: true } });
  return found === null ? undefined : Buffer.from(found.png);
}
