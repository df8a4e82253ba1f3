// A mail server (RFC 5321) in a few lines: keeps what it was given, and fails as a test asks it to.

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header fields by name in lower case, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Every line that was said to it before the data. */
  readonly heard: string[];
  /** `user:password` of every login that was tried. */
  readonly logins: string[];
  /** Asks for a login, and takes this one only. */
  login: string | undefined;
  /** What is offered beside AUTH. */
  extensions: readonly string[];
  /** Instead of the answer to a command, by its name; undefined = silence. */
  answers: Record<string, string | undefined>;
  /** Connections so far, and those that are open. */
  connections: number;
  readonly open: ReadonlySet<unknown>;
  stop(): Promise<void>;
}

export async function createSmtpServer(): Promise<SmtpServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    state.connections += 1;
    open.add(socket.on('close', () => open.delete(socket)));
    converse(socket, state);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: SmtpServer = {
    port: (server.address() as AddressInfo).port,
    ...{
      mails: [],
      heard: [],
      logins: [],
      login: undefined,
      extensions: [],
      answers: {},
      connections: 0,
      open,
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

function converse(socket: Socket, state: SmtpServer): void {
  let [rest, from, to] = ['', '', [] as string[]];
  let data: string[] | undefined;
  const say = (command: string, usual: string) => {
    const answer = command in state.answers ? state.answers[command] : usual;
    if (answer !== undefined) socket.write(`${answer}\r\n`);
  };
  const take = (line: string) => {
    if (data !== undefined) {
      if (line !== '.') return void data.push(line.replace(/^\./, ''));
      state.mails.push({ from, to, ...parsed(data) });
      [data, to] = [undefined, []];
      return say('END', '250 taken');
    }
    state.heard.push(line);
    const command = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (command === 'EHLO') {
      const offers = [...state.extensions, ...(state.login === undefined ? [] : ['AUTH PLAIN'])];
      const lines = ['mail.test', ...offers];
      say(command, lines.map((text, at) => `250${at === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
    } else if (command === 'AUTH') {
      const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
        .toString()
        .split('\0');
      state.logins.push(`${user}:${password}`);
      say(
        command,
        state.logins.at(-1) === state.login ? '235 welcome' : `535 no such login: ${user} ${password}`,
      );
    } else if (command === 'MAIL') {
      from = address;
      say(command, '250 ok');
    } else if (command === 'RCPT') {
      to.push(address);
      say(command, '250 ok');
    } else if (command === 'DATA') {
      data = [];
      say(command, '354 go on');
    } else if (command === 'QUIT') socket.end('221 bye\r\n');
    else say(command, '502 no such command');
  };
  socket.setEncoding('latin1').on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    // A TLS handshake (RFC 8446 §5.1) has no lines.
    if (rest.startsWith('\x16')) state.heard.push('(a TLS handshake)');
  });
  say('CONNECT', '220 mail.test ready');
}

/** RFC 5322, and RFC 2045 as far as it is needed: the body without its transfer encoding. */
export function parsed(lines: readonly string[]): Pick<ReceivedMail, 'headers' | 'body'> {
  const end = lines.indexOf('');
  const unfolded = lines
    .slice(0, end)
    .join('\r\n')
    .replace(/\r\n[ \t]/g, ' ');
  const fields = unfolded.split('\r\n').map((line) => /^([^:]+): (.*)$/.exec(line) ?? []);
  const headers = Object.fromEntries(fields.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  const raw = lines.slice(end + 1).join('\n');
  const encoding = headers['content-transfer-encoding'];
  if (encoding === 'base64') return { headers, body: Buffer.from(raw, 'base64').toString() };
  if (encoding !== 'quoted-printable') return { headers, body: Buffer.from(raw, 'latin1').toString() };
  const bytes = raw
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { headers, body: Buffer.from(bytes, 'latin1').toString() };
}
