import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import { createWebhookSender } from '../../src/outside/webhook.ts';
import { createWebhookReceiver, isSignedWith, type WebhookReceiver } from '../setup/webhook-receiver.ts';

// The example of the Standard Webhooks reference implementations.
const EXAMPLE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  seconds: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await createWebhookReceiver();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.stop();
});

function post(url = receiver.url, allowLoopback = true) {
  const { id, body, secret } = EXAMPLE;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return createWebhookSender(createSafeFetch({ allowLoopback }))({ url, key, id, body });
}

test('it is posted with id, time and signature (Standard Webhooks 1.0, published example)', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(EXAMPLE.seconds * 1_000);
  expect(await post()).toBeUndefined();
  expect(receiver.posted).toEqual([
    {
      method: 'POST',
      headers: expect.objectContaining({
        'content-type': 'application/json',
        'webhook-id': EXAMPLE.id,
        'webhook-timestamp': String(EXAMPLE.seconds),
        'webhook-signature': EXAMPLE.signature,
      }),
      body: EXAMPLE.body,
    },
  ]);
  const [posted] = receiver.posted as [(typeof receiver.posted)[0]];
  expect(isSignedWith(EXAMPLE.secret, posted)).toBe(true);
  expect(isSignedWith(EXAMPLE.secret, { ...posted, body: `${posted.body} ` })).toBe(false);
  expect(isSignedWith('whsec_AAAA', posted)).toBe(false);
});

test.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [299, 'delivered'],
  [300, 'redirected'],
  [400, 'status_400'],
  [410, 'status_410'],
  [500, 'status_500'],
])('an answer of %s counts as %s', async (status, fault) => {
  receiver.status = status;
  expect((await post()) ?? 'delivered').toBe(fault);
});

test('a redirect is not followed', async () => {
  const elsewhere = await createWebhookReceiver();
  Object.assign(receiver, { status: 307, headers: { location: elsewhere.url } });
  expect(await post()).toBe('redirected');
  expect(elsewhere.posted).toEqual([]);
  await elsewhere.stop();
});

test.each([
  'http://127.0.0.1',
  'https://localhost',
  'https://[::1]',
  'https://2130706433',
  'https://169.254.169.254',
])('nothing is sent to this machine or its network as %s', async (origin) => {
  const { port } = new URL(receiver.url);
  const fault = await post(`${origin}:${port}/hooks`, false);
  expect(fault).toMatch(/^(url|address)_refused$/);
  expect(receiver.posted).toEqual([]);
});
