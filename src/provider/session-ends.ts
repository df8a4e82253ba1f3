// One session that ends on our own pages, with what lives with it; afterwards its apps hear of it.
import type Provider from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { endOneWithin } from '../store/ended-sessions.ts';
import { requestId } from '../web/request-context.ts';
import { tellClients } from './logout.ts';

export async function endOneSession(
  provider: Provider,
  store: Store,
  { uid }: { readonly uid: string },
): Promise<void> {
  const ended = await store.prisma.$transaction((tx) => endOneWithin(tx, store, uid, requestId()));
  for (const session of ended) await tellClients(provider, session);
}
