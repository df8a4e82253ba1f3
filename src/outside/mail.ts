// Mail, over SMTP or as files in a directory: for a start without a mail server, and for the tests.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions, type SMTPTransportOptions } from 'nodemailer';
import type { Config } from '../config.ts';
import { isLoopback } from '../config-addresses.ts';

export interface Mail {
  /** The same at each try: by it mail servers and readers see a second delivery. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
}

/** Answers with what went wrong, if anything did; never with what the mail or the settings hold. */
export type SendMail = (mail: Mail, cut: AbortSignal) => Promise<string | undefined>;

type Settings = Pick<Config, 'issuer' | 'operatorName' | 'dataDirectory' | 'mail'>;

/** One mail in all: a server that trickles keeps nobody. */
const TOTAL_MS = 20_000;
const STEP_MS = 10_000;

export function createMailSender(settings: Settings): SendMail {
  const { smtpUrl } = settings.mail;
  const deliver =
    smtpUrl === undefined ? intoFiles(settings.dataDirectory) : overSmtp(smtpUrl, settings.issuer);
  return async (mail, cut) => {
    try {
      await deliver(written(settings, mail), mail.id, cut);
    } catch (error) {
      return faultOf(error);
    }
  };
}

function written(
  { issuer, operatorName, mail }: Settings,
  { id, to, subject, text, date }: Mail,
): SendMailOptions {
  return {
    from: { name: operatorName, address: mail.from },
    // An address as an object is one address, whatever is written in it.
    to: { name: '', address: to },
    messageId: `<${id}@${new URL(issuer).hostname}>`,
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834 §5
    ...{ subject, text, date, disableFileAccess: true, disableUrlAccess: true },
  };
}

type Deliver = (message: SendMailOptions, id: string, cut: AbortSignal) => Promise<unknown>;

function intoFiles(dataDirectory: string): Deliver {
  const directory = join(dataDirectory, 'outbox');
  const composer = createTransport({ streamTransport: true, buffer: true });
  return async (message, id) => {
    const { message: bytes } = await composer.sendMail(message);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, `${id}.eml`);
    await writeFile(`${file}.part`, bytes as Buffer, { mode: 0o600 });
    await rename(`${file}.part`, file);
  };
}

function overSmtp(smtpUrl: string, issuer: string): Deliver {
  const transport = createTransport(smtpOptions(smtpUrl, issuer));
  return (message, _id, cut) =>
    transport.sendMail({ ...message, signal: AbortSignal.any([cut, AbortSignal.timeout(TOTAL_MS)]) });
}

function smtpOptions(smtpUrl: string, issuer: string): SMTPTransportOptions {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  // Nothing overhears this machine talking to itself; anywhere else a mail never goes out in the clear.
  const plain = !secure && isLoopback(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...{ secure, requireTLS: !secure && !plain, ignoreTLS: plain, tls: { minVersion: 'TLSv1.2' } },
    name: new URL(issuer).hostname,
    ...{ connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS, dnsTimeout: STEP_MS },
  };
}

// The library's own sentences repeat addresses and what the server said.
function faultOf(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  return [code ?? 'unknown', responseCode].filter((part) => part !== undefined).join(' ');
}
