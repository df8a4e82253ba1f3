import { expect } from '@jest/globals';

/** The fault is named as the client's: never 5xx, never a stack, never a header that was sent as a value. */
export async function isNoFaultOfOurs(response: Response): Promise<void> {
  const body = await response.text();
  expect([response.status < 500, body.slice(0, 300)]).toEqual([true, expect.anything()]);
  expect(body).not.toMatch(/\bat .*\.(ts|js):\d+|node_modules|prisma/i);
  expect(response.headers.get('x-evil')).toBeNull();
}
