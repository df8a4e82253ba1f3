// A real Chromium; each person in it has a profile and a passkey provider of their own.
import {
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  type Page,
} from 'playwright-core';
import { findChromium } from '../../scripts/system-packages.mjs';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser's console and its content security policy complained of. */
  readonly complaints: readonly string[];
  readonly device: Device;
  /** A phone nearby, which answers beside the device. */
  phone(): Promise<Device>;
}

/** CDP WebAuthn: a platform authenticator with discoverable passkeys, which agrees as soon as it is asked. */
export interface Device {
  passkeys(): Promise<number>;
  /** Whose they are, as it shows them. */
  names(): Promise<string[]>;
  /** The person removes the passkey of this name from the device. */
  forgets(userName: string): Promise<void>;
  /** False: the person cancels, or the device does not recognise them. */
  recognises(verified: boolean): Promise<void>;
  /** False: it does not answer at all. */
  isAtHand(present: boolean): Promise<void>;
}

export interface Chromium {
  person(options?: BrowserContextOptions & { readonly autofill?: boolean }): Promise<Person>;
  close(): Promise<void>;
}

export async function openChromium(): Promise<Chromium> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium was found: run the tests with `npm test`.');
  const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: 120_000 });
  return {
    async person({ autofill = true, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(90_000);
      if (!autofill) await context.addInitScript(WITHOUT_AUTOFILL);
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      await cdp.send('WebAuthn.enable');
      const device = await deviceOf(cdp, 'internal');
      return { page, context, complaints: complaintsOf(page), device, phone: () => deviceOf(cdp, 'hybrid') };
    },
    close: () => browser.close(),
  };
}

// A browser that knows passkeys but does not offer them in a field (WebAuthn Level 3 §5.1.7).
const WITHOUT_AUTOFILL = 'PublicKeyCredential.isConditionalMediationAvailable = async () => false;';

function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refusal that the page explains is logged by the browser as well.
    const refused = message.text().startsWith('Failed to load resource: the server responded with a status');
    if (['error', 'warning'].includes(message.type()) && !refused) complaints.push(message.text());
  });
  return complaints;
}

async function deviceOf(cdp: CDPSession, transport: 'internal' | 'hybrid'): Promise<Device> {
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const held = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  return {
    passkeys: async () => (await held()).length,
    names: async () => (await held()).map(({ userName = '' }) => userName),
    forgets: async (name) => {
      const credentialId = (await held()).find(({ userName }) => userName === name)?.credentialId;
      if (credentialId === undefined) throw new Error(`the device holds no passkey of ${name}`);
      await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
    },
    recognises: async (isUserVerified) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    isAtHand: async (enabled) => {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
  };
}
