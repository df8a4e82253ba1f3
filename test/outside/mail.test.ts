import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMailSender, type Mail } from '../../src/outside/mail.ts';
import { createSmtpServer, parsed, type SmtpServer } from '../setup/smtp-server.ts';

let directory: string;
let server: SmtpServer;
let cut: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-mail-'));
  server = await createSmtpServer();
  cut = new AbortController();
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const MAIL: Mail = {
  id: 'f1e2d3c4',
  to: 'dana@lantern.example',
  subject: 'Lantern is approved',
  text: 'Lantern was approved. Está aprobada.\n',
  date: new Date('2027-01-31T12:00:00Z'),
};

function sender(smtpUrl?: string, operatorName = 'Riverside Health Network') {
  const mail = { smtpUrl, from: 'postern@riverside.example' };
  const sendMail = createMailSender({
    issuer: 'https://auth.riverside.example',
    dataDirectory: directory,
    ...{ operatorName, mail },
  });
  return (changes: Partial<Mail> = {}) => sendMail({ ...MAIL, ...changes }, cut.signal);
}
const overSmtp = (login = '', host = '127.0.0.1') => sender(`smtp://${login}${host}:${server.port}`);

describe('without a mail server', () => {
  const files = () => readdir(join(directory, 'outbox'));
  const mailIn = async (file = 'f1e2d3c4.eml') =>
    parsed((await readFile(join(directory, 'outbox', file), 'latin1')).split('\r\n'));

  test('each mail is one file, for its owner only', async () => {
    expect(await sender()()).toBeUndefined();
    expect(await files()).toEqual(['f1e2d3c4.eml']);
    const [file, folder] = await Promise.all(
      ['outbox/f1e2d3c4.eml', 'outbox'].map((path) => stat(join(directory, path))),
    );
    expect([(file?.mode ?? 0) & 0o777, (folder?.mode ?? 0) & 0o777]).toEqual([0o600, 0o700]);
    const { headers, body } = await mailIn();
    expect(headers).toMatchObject({
      from: 'Riverside Health Network <postern@riverside.example>',
      to: 'dana@lantern.example',
      subject: 'Lantern is approved',
      date: 'Sun, 31 Jan 2027 12:00:00 +0000',
      'message-id': '<f1e2d3c4@auth.riverside.example>',
      'auto-submitted': 'auto-generated', // RFC 3834 §5
    });
    expect(body.trim()).toBe('Lantern was approved. Está aprobada.');
  });

  test('the same mail written twice is still one', async () => {
    const send = sender();
    expect([await send(), await send()]).toEqual([undefined, undefined]);
    expect(await files()).toEqual(['f1e2d3c4.eml']);
  });

  test('line breaks in a name or a subject add no header field (RFC 5322 §2.2)', async () => {
    const evil = 'x\r\nBcc: eve@evil.example\r\n\r\nread this';
    await sender(undefined, evil)({ subject: evil });
    const { headers, body } = await mailIn();
    expect(Object.keys(headers)).not.toContain('bcc');
    expect(body.trim()).toBe('Lantern was approved. Está aprobada.');
  });

  test('where nothing can be written, that is the fault', async () => {
    await rm(directory, { recursive: true });
    const send = createMailSender({
      ...{ issuer: 'https://auth.riverside.example', operatorName: 'x', dataDirectory: '/dev/null' },
      mail: { smtpUrl: undefined, from: 'postern@riverside.example' },
    });
    expect(await send(MAIL, cut.signal)).toBe('ENOTDIR');
    directory = await mkdtemp(join(tmpdir(), 'postern-mail-'));
  });
});

describe('over SMTP', () => {
  test('a mail arrives, for one recipient, with the address and the text that were meant', async () => {
    expect(await overSmtp()()).toBeUndefined();
    expect(server.mails).toEqual([
      {
        from: 'postern@riverside.example',
        to: ['dana@lantern.example'],
        headers: expect.objectContaining({ 'message-id': '<f1e2d3c4@auth.riverside.example>' }),
        body: expect.stringContaining('Está aprobada.'),
      },
    ]);
    expect(server.heard[0]).toBe('EHLO auth.riverside.example');
  });

  test.each(['dana@lantern.example, eve@evil.example', 'Dana <dana@lantern.example>, eve@evil.example'])(
    '%s is not two recipients',
    async (to) => {
      await overSmtp()({ to });
      expect(server.mails.flatMap((mail) => mail.to)).not.toContain('eve@evil.example');
    },
  );

  test('the login is the decoded one of the setting', async () => {
    server.login = 'post@rn:pass word/1';
    expect(await overSmtp('post%40rn:pass%20word%2F1@')()).toBeUndefined();
    expect(server.mails).toHaveLength(1);
  });

  test('a refused login is a fault that repeats neither name nor password', async () => {
    server.login = 'postern:right';
    expect(await overSmtp('postern:wrong-one@')()).toBe('EAUTH 535');
    expect([server.logins, server.mails]).toEqual([['postern:wrong-one'], []]);
  });

  test.each([
    ['RCPT', '550 5.1.1 <dana@lantern.example> unknown', 'EENVELOPE 550'],
    ['END', '452 4.3.1 full', 'EMESSAGE 452'],
    ['CONNECT', '421 4.3.2 not now', 'EPROTOCOL 421'],
  ])(
    'a server that answers %s with %s: the fault is %s, without the address',
    async (command, answer, fault) => {
      server.answers[command] = answer;
      expect(await overSmtp()()).toBe(fault);
    },
  );

  test('nobody there is a fault', async () => {
    const send = overSmtp();
    await server.stop();
    expect(await send()).toBe('ESOCKET');
    server = await createSmtpServer();
  });

  test('a server that says nothing is not waited for without end', async () => {
    server.answers.CONNECT = undefined;
    expect(await overSmtp()()).toBe('ETIMEDOUT');
  });
});

test('a mail that is broken off is a fault, and its connection is closed', async () => {
  server.answers.DATA = undefined;
  const fault = overSmtp()();
  while (!server.heard.includes('DATA')) await new Promise((next) => setTimeout(next, 10));
  cut.abort();
  expect(await fault).toBe('EABORT');
  while (server.open.size > 0) await new Promise((next) => setTimeout(next, 10));
});

describe('to another machine nothing goes out in the clear', () => {
  // Not a loopback address by name, but this machine.
  const elsewhere = '0.0.0.0';

  test('a server without STARTTLS hears neither login nor address', async () => {
    server.login = 'postern:right';
    expect(await overSmtp('postern:right@', elsewhere)()).toMatch(/^E(TLS|PROTOCOL)\b/);
    expect([server.logins, server.mails]).toEqual([[], []]);
    expect(server.heard.join()).not.toContain('dana');
  });

  test('with STARTTLS a TLS handshake comes before all else', async () => {
    Object.assign(server, { login: 'postern:right', extensions: ['STARTTLS'] });
    server.answers.STARTTLS = '220 go on';
    const fault = overSmtp('postern:right@', elsewhere)();
    while (server.heard.length < 3) await new Promise((next) => setTimeout(next, 10));
    expect(server.heard).toEqual(['EHLO auth.riverside.example', 'STARTTLS', '(a TLS handshake)']);
    await server.stop();
    expect(await fault).toBe('ESOCKET');
    server = await createSmtpServer();
  });

  test('smtps: is TLS from the first byte, on this machine too', async () => {
    server.answers.CONNECT = undefined;
    const fault = sender(`smtps://postern:right@127.0.0.1:${server.port}`)();
    while (server.heard.length === 0) await new Promise((next) => setTimeout(next, 10));
    await server.stop();
    expect([server.heard[0], await fault]).toEqual(['(a TLS handshake)', 'ESOCKET']);
    server = await createSmtpServer();
  });
});
