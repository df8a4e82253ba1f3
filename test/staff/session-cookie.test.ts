import { expect, test } from '@jest/globals';
import { createStaffSessions } from '../../src/staff/sessions.ts';
import type { Store } from '../../src/store/database.ts';
import { openSite } from '../web/site.ts';

test('over https the cookie is bound to this host and to TLS (RFC 6265bis §4.1.3.2)', async () => {
  const store = { sql: async () => [], clock: { offsetMs: 0 } } as unknown as Store;
  const sessions = createStaffSessions(store, true);
  const site = await openSite('https://postern.example', async (ctx) => {
    await sessions.begin(ctx, 'dana-whitfield');
    ctx.status = 204;
  });
  const { headers } = await site.get('/');
  site.close();
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Host-postern-staff=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/i),
  ]);
});
